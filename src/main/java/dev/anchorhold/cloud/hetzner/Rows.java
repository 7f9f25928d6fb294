package dev.anchorhold.cloud.hetzner;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What is known of one kind of object, and when it was looked at. Every piece of news bears the number that was drawn when the read began,
 * or when a write of ours was answered: news never overrules what bears a higher one, so a read that began before our own write
 * cannot undo it. Guarded by the inventory's lock.
 */
final class Rows<T> {
    private final ToLongFunction<T> id;
    private final Function<T, String> uid;
    private final Map<Long, Row<T>> rows = new HashMap<>();
    private final Map<String, Set<Long>> idsByUid = new HashMap<>();
    private final Map<Long, Long> gone = new Recent<>(20_000);
    private final Map<String, Long> wrote = new HashMap<>();
    private final Map<String, Long> looked = new HashMap<>();
    private long listed;

    record Row<T>(T value, long number, Instant asOf) {}

    Rows(ToLongFunction<T> id, Function<T, String> uid) {
        this.id = id;
        this.uid = uid;
    }

    /** News of an object; {@code changed} hears the uids that it concerns, if it is news at all. */
    void put(T value, long number, Instant asOf, Consumer<String> changed) {
        long key = id.applyAsLong(value);
        var old = rows.get(key);
        if (old != null && old.number > number || gone.getOrDefault(key, -1L) > number) return;
        gone.remove(key);
        rows.put(key, new Row<>(value, number, asOf));
        if (old != null && old.value.equals(value)) return;
        if (old != null) unindex(key, uid.apply(old.value), changed);
        idsByUid.computeIfAbsent(uid.apply(value), _ -> new HashSet<>()).add(key);
        changed.accept(uid.apply(value));
    }

    /** The cloud itself said that there is no such id. */
    void remove(long key, long number, Consumer<String> changed) {
        var old = rows.get(key);
        if (old != null && old.number > number) return;
        gone.merge(key, number, Math::max);
        if (old == null) return;
        rows.remove(key);
        unindex(key, uid.apply(old.value), changed);
    }

    private void unindex(long key, String of, Consumer<String> changed) {
        var ids = idsByUid.get(of);
        ids.remove(key);
        if (ids.isEmpty()) idsByUid.remove(of);
        changed.accept(of);
    }

    /** Known objects of these uids (all, if null) that a list begun at {@code number} should have named and did not. */
    List<Long> lacking(Collection<String> uids, Set<Long> named, long number) {
        var candidates = uids == null
                ? rows.keySet()
                : uids.stream().flatMap(of -> ids(of).stream()).toList();
        var lacking = new ArrayList<Long>();
        for (long key : candidates) if (!named.contains(key) && rows.get(key).number < number) lacking.add(key);
        return lacking;
    }

    /** A complete list of everything was begun at that number. Notes of absent uids that are older serve nothing any more. */
    void listed(long number) {
        listed = Math.max(listed, number);
        looked.values().removeIf(at -> at < listed);
        wrote.entrySet().removeIf(e -> e.getValue() < listed && !idsByUid.containsKey(e.getKey()));
    }

    void looked(String of, long number) {
        looked.merge(of, number, Math::max);
    }

    void wrote(String of, long number) {
        wrote.merge(of, number, Math::max);
    }

    /** Whether somebody looked for everything of this uid after our last write that concerned it. */
    boolean lookedSinceOurWrite(String of) {
        return Math.max(listed, looked.getOrDefault(of, 0L)) > wrote.getOrDefault(of, 0L);
    }

    boolean everListed() {
        return listed > 0;
    }

    /** It was seen gone after news of that number. */
    boolean goneSince(long key, long number) {
        return gone.getOrDefault(key, -1L) > number;
    }

    boolean seenGone(long key) {
        return gone.containsKey(key);
    }

    Set<Long> ids(String of) {
        return idsByUid.getOrDefault(of, Set.of());
    }

    Optional<Row<T>> row(long key) {
        return Optional.ofNullable(rows.get(key));
    }

    List<Row<T>> rows(String of) {
        return ids(of).stream().sorted().map(rows::get).filter(Objects::nonNull).toList();
    }

    Collection<Row<T>> all() {
        return rows.values();
    }
}
