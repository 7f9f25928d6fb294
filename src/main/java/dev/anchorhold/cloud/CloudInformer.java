package dev.anchorhold.cloud;

import java.time.Duration;
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
import java.util.stream.Stream;

/**
 * Cache of one cloud resource type, with the reads that keep it current: lists, rereads, and the answers of our own
 * writes. Everything known of the type enters here.
 */
public class CloudInformer<K extends Comparable<K>, T> {
    /** So many are read by their id; more of them by one list. */
    private static final int MAX_SINGLE_READS = 1;

    private static final Duration LABELS_INTERVAL = Duration.ofMinutes(1);

    public final CloudResourceType<K, T> cloudResourceType;
    public final InventoryStore<K, T> store;
    public final RereadQueue<K> rereadQueue = new RereadQueue<>();
    protected final InventoryContext context;
    private final Map<K, Integer> rereadAttempts = new HashMap<>();
    /** By id, the UID that it bears, empty for none. */
    private final Map<K, String> foreignIds = new BoundedMap<>(20_000);

    private final Map<String, Instant> unknownSince = new BoundedMap<>(20_000);
    private Consumer<K> goneListener = _ -> {};
    private boolean enabled;

    public CloudInformer(CloudResourceType<K, T> cloudResourceType, InventoryContext inventoryContext) {
        this.cloudResourceType = cloudResourceType;
        this.context = inventoryContext;
        this.store = new InventoryStore<>(
                cloudResourceType.id(),
                it -> cloudResourceType.ours().test(it)
                        ? cloudResourceType.uid().apply(it)
                        : "",
                cloudResourceType.noteworthy());
    }

    // ---- enabling (under the lock)

    /**
     * From now on its feed is polled. That costs calls for ever, so whoever has none of a kind and wants none does not
     * pay for it.
     */
    public void enable() {
        enabled = true;
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** Called with an id, under the lock, when the object is no more. */
    public void onGone(Consumer<K> listener) {
        goneListener = listener;
    }

    // ---- reads

    /** The backstop: everything of the installation. */
    public void listAll(Urgency urgency, Purpose purpose) {
        long number = context.nextSequence();
        var at = context.now();
        var all = cloudResourceType.listAll(urgency, purpose, null);
        context.locked(() -> {
            var named = put(all, number, at);
            store.missingFrom(null, named, number).forEach(id -> rereadQueue.addId(id, at));
            store.recordListing(number);
        });
    }

    /** Reads again what is due. What could not be read stays due. */
    public void processRereads() {
        var batch = context.locked(() -> rereadQueue.take(context.now(), cloudResourceType.uidsPerList()));
        if (batch.isEmpty()) return;
        try {
            read(batch);
        } catch (RuntimeException e) {
            context.locked(() -> rereadQueue.putBack(batch, context.now()));
            throw e;
        }
    }

    private void read(RereadQueue.Batch<K> batch) {
        Set<String> uids = new HashSet<>(batch.uids());
        var ids = new HashSet<>(batch.ids());
        if (ids.size() > MAX_SINGLE_READS || !uids.isEmpty())
            context.locked(() -> {
                for (K id : batch.ids()) {
                    var uid = store.item(id)
                            .map(row -> store.uidOf(
                                    row.value())) // none if it lost our mark: a list by our labels would not find it
                            .orElse("");
                    if (uid.isEmpty()) continue;
                    uids.add(uid);
                    ids.remove(id);
                }
            });
        var list = new ArrayList<>(uids);
        for (int from = 0; from < list.size(); from += cloudResourceType.uidsPerList())
            readUids(list.subList(from, Math.min(list.size(), from + cloudResourceType.uidsPerList())));
        ids.forEach(id -> readOne(Urgency.PROVISIONING, Purpose.REREAD, id));
    }

    private void readUids(List<String> uids) {
        long number = context.nextSequence();
        var at = context.now();
        var found = cloudResourceType.listAll(Urgency.PROVISIONING, Purpose.REREAD, uids);
        var missing = context.locked(() -> {
            var named = put(found, number, at);
            return store.missingFrom(uids, named, number);
        });
        // The label index may lag behind: what we know and a list lacks is asked for by its id before anything is
        // claimed.
        missing.forEach(id -> readOne(Urgency.PROVISIONING, Purpose.REREAD, id));
        context.locked(() -> uids.forEach(uid -> recordLookup(uid, number)));
    }

    public Optional<T> readOne(Urgency urgency, Purpose purpose, K id) {
        long number = context.nextSequence();
        var at = context.now();
        var found = cloudResourceType.get().get(urgency, purpose, id);
        context.locked(() -> found.ifPresentOrElse(value -> put(value, number, at), () -> remove(id, number)));
        return found;
    }

    // ---- storing (under the lock)

    private Set<K> put(Collection<T> values, long number, Instant at) {
        Set<K> named = new HashSet<>();
        for (var value : values) {
            put(value, number, at);
            named.add(cloudResourceType.id().apply(value));
        }
        return named;
    }

    public void put(T value, long number, Instant at) {
        K id = cloudResourceType.id().apply(value);
        boolean ours = cloudResourceType.ours().test(value);
        if (!ours && store.item(id).isEmpty()) {
            foreignIds.put(id, cloudResourceType.uid().apply(value));
            return;
        }
        enable();
        store.put(value, number, at, context::markChanged);
        if (cloudResourceType.transitioning().test(value)) requestLaterReread(id);
        else rereadAttempts.remove(id);
    }

    public void remove(K id, long number) {
        store.remove(id, number, context::markChanged);
        rereadAttempts.remove(id);
        if (store.seenGone(id)) goneListener.accept(id);
    }

    private void recordLookup(String uid, long number) {
        store.recordLookup(uid, number);
        context.notifyWaiters(uid);
    }

    /**
     * It is on its way into another state and no action of which we know tells when: read it again, ever more rarely.
     */
    private void requestLaterReread(K id) {
        int times = rereadAttempts.merge(id, 1, Integer::sum);
        var wait = Duration.ofSeconds(Math.min(120, 1L << Math.min(times, 7)));
        rereadQueue.addId(id, context.now().plus(wait));
    }

    // ---- answering (under the lock)

    /** All of the installation's. */
    public Stream<InventoryStore.Item<T>> owned() {
        return store.all().stream().filter(row -> isOurs(row.value()));
    }

    /** It bears the installation's mark. */
    public boolean isOurs(T value) {
        return cloudResourceType.ours().test(value);
    }

    /**
     * What has lost our labels is not absent, and waiting does not help: that is unknown since ever.
     *
     * @param whyUncertain why absence cannot be claimed of anything now, or null
     */
    public Sighting<List<T>> sighting(String uid, Set<K> knownIds, Instant asOf, String whyUncertain) {
        var found = store.items(uid);
        // Its own bears another's UID, and another's bears its: labels were swapped, and who is who is on record alone.
        var swapped = knownIds.stream().filter(id -> isAnothers(uid, id)).findFirst();
        if (swapped.isPresent()) return awaitLabels(swapped.get(), anothers(swapped.get()));
        if (!found.isEmpty()) {
            var oldest = found.stream()
                    .map(InventoryStore.Item::asOf)
                    .min(Instant::compareTo)
                    .orElseThrow();
            unknownSince.remove(uid);
            return new Sighting.Seen<>(
                    found.stream().map(InventoryStore.Item::value).toList(), oldest.isAfter(asOf) ? oldest : asOf);
        }
        for (K id : knownIds) if (uidOn(id).isPresent()) return awaitLabels(id, labelsLost(id));
        var reason = whyUncertain != null ? whyUncertain : uncertaintyOf(uid, knownIds);
        if (reason == null) {
            unknownSince.remove(uid);
            return new Sighting.Absent<>(asOf);
        }
        context.addWaiter(uid);
        var since = unknownSince.computeIfAbsent(uid, _ -> context.now());
        return new Sighting.Unknown<>(reason, since.isBefore(asOf) ? since : asOf);
    }

    /** The UID that it bears, empty for none; absent when it is not known, or gone. */
    private Optional<String> uidOn(K id) {
        return store.seenGone(id)
                ? Optional.empty()
                : store.item(id)
                        .map(item -> cloudResourceType.uid().apply(item.value()))
                        .or(() -> Optional.ofNullable(foreignIds.get(id)));
    }

    /** It bears another object's UID: it is that one's, whatever a status remembers. */
    public boolean isAnothers(String uid, K id) {
        return uidOn(id).filter(on -> isAnothers(uid, on)).isPresent();
    }

    private static boolean isAnothers(String uid, String on) {
        return !on.isEmpty() && !on.equals(uid);
    }

    private String anothers(K id) {
        return "%s %s, which is on record here, bears the UID of another object, %s, and is left to that; if that is a mistake, put this one's UID back on it"
                .formatted(cloudResourceType.type(), id, uidOn(id).orElseThrow());
    }

    /** Nothing tells when somebody puts them back, as the message asks for: it is read again each minute. */
    private Sighting<List<T>> awaitLabels(K id, String reason) {
        rereadQueue.addId(id, context.now().plus(LABELS_INTERVAL));
        return new Sighting.Unknown<>(reason, Instant.EPOCH);
    }

    private String labelsLost(K id) {
        return "%s %s does not carry %s any more; put them back, or delete it in the cloud's console"
                .formatted(cloudResourceType.type(), id, cloudResourceType.mark());
    }

    private String uncertaintyOf(String uid, Set<K> knownIds) {
        for (K id : knownIds) {
            if (store.seenGone(id)) continue;
            rereadQueue.addId(id, context.now());
            return "%s %s has yet to be read".formatted(cloudResourceType.type(), id);
        }
        if (store.observedSinceWrite(uid)) return null;
        rereadQueue.addUid(uid, context.now().plus(context.settings.coalesceDelay()));
        return "not read since our own last write";
    }

    // ---- recording (under the lock) what our own writes answered

    public void recordWrite(String uid, T value) {
        recordWrite(uid, value, context.nextSequence());
    }

    /** {@code number} was drawn before anything else of the same answer was stored. */
    public void recordWrite(String uid, T value, long number) {
        store.recordWrite(uid, number);
        put(value, number, context.now());
    }

    public void recordDeletion(String uid, K id) {
        long number = context.nextSequence();
        store.recordWrite(uid, number);
        remove(id, number);
    }

    // ---- finalizers

    /** Reads, now, all that this uid had or may have. */
    public DeletionCheck confirmGone(String uid, Set<K> knownIds) {
        try {
            Set<K> ids = new HashSet<>(knownIds);
            context.locked(() -> ids.addAll(store.ids(uid)));
            for (K id : ids)
                if (readOne(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, id)
                        .filter(it -> !isAnothers(uid, cloudResourceType.uid().apply(it)))
                        .isPresent()) return stillThere(id);
            long number = context.nextSequence();
            var at = context.now();
            var left = cloudResourceType.listAll(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, List.of(uid));
            context.locked(() -> {
                put(left, number, at);
                recordLookup(uid, number);
            });
            return left.stream()
                    .filter(it -> uid.equals(store.uidOf(it)))
                    .findFirst()
                    .<DeletionCheck>map(it -> stillThere(cloudResourceType.id().apply(it)))
                    .orElseGet(DeletionCheck.Gone::new);
        } catch (CloudException e) {
            return new DeletionCheck.Unknown(e);
        }
    }

    private DeletionCheck stillThere(K id) {
        return new DeletionCheck.StillThere("%s %s".formatted(cloudResourceType.type(), id));
    }
}
