package dev.anchorhold.cloud;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Delay queue of objects to be read again, each from a given time on; what is due is taken in one batch. Guarded by the
 * inventory's lock.
 */
public final class RereadQueue<K> {
    private final Map<K, Instant> ids = new HashMap<>();
    private final Map<String, Instant> uids = new HashMap<>();
    private Instant earliest;
    private final Set<K> withOthers = new LinkedHashSet<>();

    /** What is to be read: objects by id, and for some uids everything that bears them, by a list that may also find nothing. */
    public record Batch<K>(Set<K> ids, Set<String> uids) {
        boolean isEmpty() {
            return ids.isEmpty() && uids.isEmpty();
        }
    }

    public void addId(K id, Instant when) {
        ids.merge(id, when, RereadQueue::sooner);
        earliest = earliest == null ? when : sooner(earliest, when);
    }

    /** To be read when others are, if there is room in their list; nobody waits for it. */
    public void withOthers(K id) {
        withOthers.add(id);
    }

    public void addUid(String uid, Instant when) {
        uids.merge(uid, when, RereadQueue::sooner);
        earliest = earliest == null ? when : sooner(earliest, when);
    }

    private static Instant sooner(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    public Optional<Instant> due() {
        return Optional.ofNullable(earliest);
    }

    /** What is due, filled up to so many by what may be read with others. */
    public Batch<K> take(Instant now, int most) {
        var batch = new Batch<K>(new HashSet<>(), new HashSet<>());
        ids.forEach((id, when) -> {
            if (!when.isAfter(now)) batch.ids.add(id);
        });
        uids.forEach((uid, when) -> {
            if (!when.isAfter(now)) batch.uids.add(uid);
        });
        if (!batch.isEmpty())
            withOthers.stream()
                    .limit(Math.max(0, most - batch.ids.size() - batch.uids.size()))
                    .forEach(batch.ids::add);
        withOthers.removeAll(batch.ids);
        ids.keySet().removeAll(batch.ids);
        uids.keySet().removeAll(batch.uids);
        earliest = Stream.concat(ids.values().stream(), uids.values().stream())
                .min(Comparator.naturalOrder())
                .orElse(null);
        return batch;
    }

    public void putBack(Batch<K> batch, Instant when) {
        batch.ids.forEach(id -> addId(id, when));
        batch.uids.forEach(uid -> addUid(uid, when));
    }
}
