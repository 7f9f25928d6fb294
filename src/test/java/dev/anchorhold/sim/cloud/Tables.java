package dev.anchorhold.sim.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A cloud's rows, by kind and number. Used under the cloud's lock only. {@link #commit} makes what was put and removed since
 * the last one durable, as one line of the journal, so that a kill at any instant leaves whole commits.
 */
public class Tables implements Journal.Books, AutoCloseable {
    private final Map<Class<? extends Journal.Entry>, TreeMap<Long, Journal.Entry>> tables = new HashMap<>();
    private final Set<Journal.Entry> changed = new LinkedHashSet<>();
    private final Set<Journal.Entry> removed = new LinkedHashSet<>();
    private final Journal journal;
    private long nextNumber;

    /** @param file of the journal; null keeps everything in memory only */
    public Tables(Path file, List<? extends Class<? extends Journal.Entry>> kinds, long firstNumber) {
        kinds.forEach(kind -> tables.put(kind, new TreeMap<>()));
        nextNumber = firstNumber;
        journal = file == null ? null : Journal.open(file, this);
    }

    public final long takeNumber() {
        return nextNumber++;
    }

    @Override
    public final Collection<Class<? extends Journal.Entry>> kinds() {
        return tables.keySet();
    }

    @Override
    public final Collection<Journal.Entry> everything() {
        return tables.values().stream()
                .flatMap(table -> table.values().stream())
                .toList();
    }

    @Override
    public final long nextNumber() {
        return nextNumber;
    }

    @Override
    public final void restoreNextNumber(long number) {
        nextNumber = Math.max(nextNumber, number);
    }

    @Override
    public final void restore(Journal.Entry row) {
        tables.get(row.getClass()).put(row.number(), row);
    }

    @Override
    public final void forget(Class<? extends Journal.Entry> kind, JsonNode number) {
        tables.get(kind).remove(number.asLong());
    }

    public final void put(Journal.Entry row) {
        restore(row);
        changed.add(row);
    }

    public final void remove(Journal.Entry row) {
        tables.get(row.getClass()).remove(row.number());
        changed.remove(row);
        removed.add(row);
    }

    public final <T extends Journal.Entry> Optional<T> find(Class<T> kind, long number) {
        return Optional.ofNullable(kind.cast(tables.get(kind).get(number)));
    }

    /** From the oldest to the newest. */
    public final <T extends Journal.Entry> Stream<T> all(Class<T> kind) {
        return table(kind).values().stream().map(kind::cast);
    }

    public final int count(Class<? extends Journal.Entry> kind) {
        return tables.get(kind).size();
    }

    protected final NavigableMap<Long, Journal.Entry> table(Class<? extends Journal.Entry> kind) {
        return tables.get(kind);
    }

    public void commit() {
        if (changed.isEmpty() && removed.isEmpty()) return;
        if (journal != null) journal.append(nextNumber, changed, removed);
        changed.clear();
        removed.clear();
    }

    @Override
    public final void close() {
        if (journal != null) journal.close();
    }
}
