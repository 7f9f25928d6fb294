package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.sim.cloud.Journal;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All rows of all projects, by kind and id. Used under the cloud's lock only. {@link #commit} makes what was put and removed
 * since the last one durable, as one line of the journal, so that a kill at any instant leaves whole commits.
 */
final class Store implements Journal.Books, AutoCloseable {
    static final List<Class<? extends Row>> KINDS = List.of(
            Row.Server.class,
            Row.Firewall.class,
            Row.Volume.class,
            Row.SshKey.class,
            Row.Image.class,
            Row.PrimaryIp.class,
            Row.PlacementGroup.class,
            Row.Action.class);

    /** Finished actions beyond this many are forgotten, oldest first; how long Hetzner keeps them is not known [U]. */
    private static final int ACTIONS_KEPT = 50_000;

    private final Map<Class<? extends Row>, TreeMap<Long, Row>> tables;
    private final Set<Row> changed = new LinkedHashSet<>();
    private final Set<Row> removed = new LinkedHashSet<>();
    private final Journal journal;
    private long nextId = 100_001;

    Store(Path folder) {
        tables = new HashMap<>();
        KINDS.forEach(kind -> tables.put(kind, new TreeMap<>()));
        journal = folder == null ? null : Journal.open(folder.resolve("hetzner.jsonl"), this);
    }

    long nextId() {
        return nextId++;
    }

    @Override
    public List<Class<? extends Journal.Entry>> kinds() {
        return List.copyOf(KINDS);
    }

    @Override
    public Collection<Row> everything() {
        return KINDS.stream()
                .flatMap(kind -> tables.get(kind).values().stream())
                .toList();
    }

    @Override
    public long nextNumber() {
        return nextId;
    }

    @Override
    public void restoreNextNumber(long number) {
        nextId = Math.max(nextId, number);
    }

    @Override
    public void restore(Journal.Entry row) {
        tables.get(row.getClass()).put(((Row) row).id, (Row) row);
    }

    @Override
    public void forget(Class<? extends Journal.Entry> kind, JsonNode key) {
        tables.get(kind).remove(key.asLong());
    }

    void put(Row row) {
        tables.get(row.getClass()).put(row.id, row);
        changed.add(row);
    }

    void remove(Row row) {
        tables.get(row.getClass()).remove(row.id);
        changed.remove(row);
        removed.add(row);
    }

    <T extends Row> Optional<T> find(Class<T> kind, long id) {
        return Optional.ofNullable(kind.cast(tables.get(kind).get(id)));
    }

    <T extends Row> Stream<T> all(Class<T> kind) {
        return tables.get(kind).values().stream().map(kind::cast);
    }

    /** From the newest to the oldest. */
    Stream<Row.Action> latestActions() {
        return tables.get(Row.Action.class).descendingMap().values().stream().map(Row.Action.class::cast);
    }

    int count(Class<? extends Row> kind) {
        return tables.get(kind).size();
    }

    void commit() {
        forgetOldActions();
        if (changed.isEmpty() && removed.isEmpty()) return;
        if (journal != null) journal.append(nextId, changed, removed);
        changed.clear();
        removed.clear();
    }

    private void forgetOldActions() {
        var actions = tables.get(Row.Action.class);
        while (actions.size() > ACTIONS_KEPT
                && !((Row.Action) actions.firstEntry().getValue()).running()) {
            remove(actions.firstEntry().getValue());
        }
    }

    @Override
    public void close() {
        if (journal != null) journal.close();
    }
}
