package dev.anchorhold.sim.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A simulated cloud's rows in memory, by kind and number, with their commit log. To be used under the cloud's lock
 * only. {@link #commit} makes what was put and removed since the last one durable, as one line of the log, so that a
 * kill at any instant leaves whole commits.
 */
public class JournaledTables implements CommitLog.StoredRows, AutoCloseable {
    private final Map<Class<? extends CommitLog.StoredRow>, TreeMap<Long, CommitLog.StoredRow>> tables =
            new HashMap<>();
    private final Set<CommitLog.StoredRow> changed = new LinkedHashSet<>();
    private final Set<CommitLog.StoredRow> removed = new LinkedHashSet<>();
    private final List<Index<?>> indexes = new ArrayList<>();
    private final CommitLog commitLog;
    private long nextNumber;

    /** @param file of the commit log; null keeps everything in memory only */
    public JournaledTables(Path file, List<? extends Class<? extends CommitLog.StoredRow>> kinds, long firstNumber) {
        kinds.forEach(kind -> tables.put(kind, new TreeMap<>()));
        nextNumber = firstNumber;
        commitLog = file == null ? null : CommitLog.open(file, this);
    }

    public final long takeNumber() {
        return nextNumber++;
    }

    @Override
    public final Collection<Class<? extends CommitLog.StoredRow>> kinds() {
        return tables.keySet();
    }

    @Override
    public final Collection<CommitLog.StoredRow> everything() {
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
    public final void restore(CommitLog.StoredRow row) {
        tables.get(row.getClass()).put(row.number(), row);
        indexes(row.getClass()).forEach(index -> index.put(row));
    }

    @Override
    public final void forget(Class<? extends CommitLog.StoredRow> kind, JsonNode number) {
        tables.get(kind).remove(number.asLong());
        indexes(kind).forEach(index -> index.remove(number.asLong()));
    }

    public final void put(CommitLog.StoredRow row) {
        restore(row);
        changed.add(row);
    }

    public final void remove(CommitLog.StoredRow row) {
        tables.get(row.getClass()).remove(row.number());
        indexes(row.getClass()).forEach(index -> index.remove(row.number()));
        changed.remove(row);
        removed.add(row);
    }

    public final <T extends CommitLog.StoredRow> Optional<T> find(Class<T> kind, long number) {
        return Optional.ofNullable(kind.cast(tables.get(kind).get(number)));
    }

    /** From the oldest to the newest. */
    public final <T extends CommitLog.StoredRow> Stream<T> all(Class<T> kind) {
        return table(kind).values().stream().map(kind::cast);
    }

    public final int count(Class<? extends CommitLog.StoredRow> kind) {
        return tables.get(kind).size();
    }

    /** Rows of the kind by a key, as they were last put; those without one are left out. */
    protected final <T extends CommitLog.StoredRow> Index<T> index(Class<T> kind, Function<T, String> key) {
        var index = new Index<>(kind, key);
        all(kind).forEach(index::put);
        indexes.add(index);
        return index;
    }

    private Stream<Index<?>> indexes(Class<? extends CommitLog.StoredRow> kind) {
        return indexes.stream().filter(index -> index.kind.equals(kind));
    }

    /** An index over one kind: finds rows by a key without a scan of the table. */
    public static final class Index<T extends CommitLog.StoredRow> {
        private final Class<T> kind;
        private final Function<T, String> key;
        private final Map<String, NavigableMap<Long, T>> rows = new HashMap<>();
        private final Map<Long, String> keys = new HashMap<>();

        private Index(Class<T> kind, Function<T, String> key) {
            this.kind = kind;
            this.key = key;
        }

        /** From the oldest to the newest. */
        public Stream<T> get(String key) {
            return rows.getOrDefault(key, Collections.emptyNavigableMap()).values().stream();
        }

        private void put(CommitLog.StoredRow row) {
            remove(row.number());
            T it = kind.cast(row);
            String now = key.apply(it);
            if (now != null) {
                keys.put(row.number(), now);
                rows.computeIfAbsent(now, _ -> new TreeMap<>()).put(row.number(), it);
            }
        }

        private void remove(long number) {
            String before = keys.remove(number);
            if (before != null) {
                rows.get(before).remove(number);
                if (rows.get(before).isEmpty()) rows.remove(before);
            }
        }
    }

    protected final NavigableMap<Long, CommitLog.StoredRow> table(Class<? extends CommitLog.StoredRow> kind) {
        return tables.get(kind);
    }

    public void commit() {
        if (changed.isEmpty() && removed.isEmpty()) return;
        if (commitLog != null) commitLog.append(nextNumber, changed, removed);
        changed.clear();
        removed.clear();
    }

    @Override
    public final void close() {
        if (commitLog != null) commitLog.close();
    }
}
