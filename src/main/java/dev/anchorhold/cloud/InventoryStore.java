package dev.anchorhold.cloud;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Store of the observed objects of one type, each with a sequence number. The number is drawn when a read begins, or
 * when a write of ours is answered; an observation never overrules one with a higher number, so a read that began
 * before our own write cannot undo it. Guarded by the inventory's lock.
 */
public final class InventoryStore<K extends Comparable<K>, T> {
    private final Function<T, K> id;
    private final Function<T, String> uid;
    private final Function<T, Object> noteworthy;
    private final Map<K, Item<T>> itemsById = new HashMap<>();
    private final Index byUid;
    private final List<Index> indexes = new ArrayList<>();
    private final Map<K, Long> deletions = new BoundedMap<>(20_000);
    private final Map<String, Long> lastWrites = new HashMap<>();
    private final Map<String, Long> lastLookups = new HashMap<>();
    private long lastListing;

    public record Item<T>(T value, long sequence, Instant asOf) {}

    public InventoryStore(Function<T, K> id, Function<T, String> uid, Function<T, Object> noteworthy) {
        this.id = id;
        this.uid = uid;
        this.noteworthy = noteworthy;
        this.byUid = index(uid);
    }

    /** Another index; to be made before the first row is. */
    public Index index(Function<T, String> key) {
        var index = new Index(key);
        indexes.add(index);
        return index;
    }

    /** The ids of the rows, by a key. */
    public final class Index {
        private final Function<T, String> key;
        private final Map<String, Set<K>> ids = new HashMap<>();

        private Index(Function<T, String> key) {
            this.key = key;
        }

        private void add(K id, T value) {
            ids.computeIfAbsent(key.apply(value), _ -> new HashSet<>()).add(id);
        }

        private void remove(K id, T value) {
            ids.computeIfPresent(key.apply(value), (_, some) -> {
                some.remove(id);
                return some.isEmpty() ? null : some;
            });
        }

        /** In the order of their ids. */
        public List<Item<T>> rows(String key) {
            return ids.getOrDefault(key, Set.of()).stream()
                    .sorted()
                    .map(itemsById::get)
                    .toList();
        }
    }

    /** Stores an observation; {@code changed} is called with the uids that it concerns, if it changes anything. */
    public void put(T value, long number, Instant asOf, Consumer<String> changed) {
        K key = id.apply(value);
        var old = itemsById.get(key);
        if (old != null && old.sequence > number || deletions.getOrDefault(key, -1L) > number) return;
        deletions.remove(key);
        itemsById.put(key, new Item<>(value, number, asOf));
        if (old != null && old.value.equals(value)) return;
        boolean silent = old != null && sameToOthers(old.value, value);
        if (old != null) unindex(key, old.value, silent ? _ -> {} : changed);
        indexes.forEach(index -> index.add(key, value));
        if (!silent) changed.accept(uid.apply(value));
    }

    private boolean sameToOthers(T old, T value) {
        return uid.apply(old).equals(uid.apply(value)) && noteworthy.apply(old).equals(noteworthy.apply(value));
    }

    /** The cloud itself said that there is no such id. */
    public void remove(K key, long number, Consumer<String> changed) {
        var old = itemsById.get(key);
        if (old != null && old.sequence > number) return;
        deletions.merge(key, number, Math::max);
        if (old == null) return;
        itemsById.remove(key);
        unindex(key, old.value, changed);
    }

    /** Whose it is, if it is known; empty text for a stranger. */
    public Optional<String> owner(K key) {
        return item(key).map(item -> uid.apply(item.value()));
    }

    String uidOf(T value) {
        return uid.apply(value);
    }

    private void unindex(K key, T value, Consumer<String> changed) {
        indexes.forEach(index -> index.remove(key, value));
        changed.accept(uid.apply(value));
    }

    /** Known objects of these uids (all, if null) that a list begun at {@code number} should have named and did not. */
    public List<K> missingFrom(Collection<String> uids, Set<K> named, long number) {
        var candidates = uids == null
                ? itemsById.keySet()
                : uids.stream().flatMap(ownerUid -> ids(ownerUid).stream()).toList();
        var missing = new ArrayList<K>();
        for (K key : candidates) if (!named.contains(key) && itemsById.get(key).sequence < number) missing.add(key);
        return missing;
    }

    /** A complete list of everything was begun at that number. Older entries of absent uids are dropped. */
    public void recordListing(long number) {
        lastListing = Math.max(lastListing, number);
        lastLookups.values().removeIf(at -> at < lastListing);
        lastWrites
                .entrySet()
                .removeIf(e -> e.getValue() < lastListing && ids(e.getKey()).isEmpty());
    }

    public void recordLookup(String ownerUid, long number) {
        lastLookups.merge(ownerUid, number, Math::max);
    }

    public void recordWrite(String ownerUid, long number) {
        lastWrites.merge(ownerUid, number, Math::max);
    }

    /** Whether everything of this uid was read after our last write that concerned it. */
    public boolean observedSinceWrite(String ownerUid) {
        return Math.max(lastListing, lastLookups.getOrDefault(ownerUid, 0L)) > lastWrites.getOrDefault(ownerUid, 0L);
    }

    /** It was seen gone after the observation of that number. */
    public boolean goneSince(K key, long number) {
        return deletions.getOrDefault(key, -1L) > number;
    }

    public boolean seenGone(K key) {
        return deletions.containsKey(key);
    }

    public Set<K> ids(String ownerUid) {
        return byUid.ids.getOrDefault(ownerUid, Set.of());
    }

    public Optional<Item<T>> item(K key) {
        return Optional.ofNullable(itemsById.get(key));
    }

    public List<Item<T>> items(String ownerUid) {
        return byUid.rows(ownerUid);
    }

    public int size() {
        return itemsById.size();
    }

    public Collection<Item<T>> all() {
        return itemsById.values();
    }
}
