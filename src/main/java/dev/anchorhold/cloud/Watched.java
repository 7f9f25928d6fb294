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

/** One kind of object under watch: its rows, and the reads that keep them true. What is read and what is told goes in here and nowhere else. */
public class Watched<K extends Comparable<K>, T> {
    /** So many are read by their id; more of them by one list. */
    private static final int FEW = 1;

    private static final int LIST_ATTEMPTS = 3;

    public final Kind<K, T> kind;
    public final Rows<K, T> rows;
    public final Rereads<K> rereads = new Rereads<>();
    protected final Shared shared;
    private final Map<K, Integer> unsettledFor = new HashMap<>();
    private final Map<K, Boolean> strangers = new Recent<>(20_000);
    private final Map<String, Instant> unknownSince = new Recent<>(20_000);
    private Consumer<K> whenGone = _ -> {};
    private boolean followed;

    public Watched(Kind<K, T> kind, Shared shared) {
        this.kind = kind;
        this.shared = shared;
        this.rows =
                new Rows<>(kind.id(), it -> kind.ours().test(it) ? kind.uid().apply(it) : "");
    }

    // ---- following (under the lock)

    /** From now on its feed is looked at. That costs calls for ever, so whoever has none of a kind and wants none does not pay for it. */
    public void follow() {
        followed = true;
    }

    public boolean isFollowed() {
        return followed;
    }

    /** Called with an id, under the lock, when the object is no more. */
    public void whenGone(Consumer<K> listener) {
        whenGone = listener;
    }

    // ---- reads

    /** The backstop: everything of the installation. */
    public void listAll(Urgency urgency, Purpose purpose) {
        long number = shared.nextNumber();
        var at = shared.now();
        var all = list(urgency, purpose, null);
        shared.locked(() -> {
            var named = put(all, number, at);
            rows.lacking(null, named, number).forEach(id -> rereads.id(id, at));
            rows.listed(number);
        });
    }

    /** Reads again what is due. What could not be read stays due. */
    public void readAgain() {
        var batch = shared.locked(() -> rereads.take(shared.now()));
        if (batch.isEmpty()) return;
        try {
            read(batch);
        } catch (RuntimeException e) {
            shared.locked(() -> rereads.putBack(batch, shared.now()));
            throw e;
        }
    }

    private void read(Rereads.Batch<K> batch) {
        Set<String> uids = new HashSet<>(batch.uids());
        var ids = new HashSet<>(batch.ids());
        if (ids.size() > FEW || !uids.isEmpty())
            shared.locked(() -> {
                for (K id : batch.ids()) {
                    var uid = rows.row(id)
                            .map(row -> kind.uid().apply(row.value()))
                            .orElse("");
                    if (uid.isEmpty()) continue;
                    uids.add(uid);
                    ids.remove(id);
                }
            });
        var list = new ArrayList<>(uids);
        for (int from = 0; from < list.size(); from += kind.uidsPerList())
            readUids(list.subList(from, Math.min(list.size(), from + kind.uidsPerList())));
        ids.forEach(id -> readOne(Urgency.PROVISIONING, Purpose.REREAD, id));
    }

    private void readUids(List<String> uids) {
        long number = shared.nextNumber();
        var at = shared.now();
        var found = list(Urgency.PROVISIONING, Purpose.REREAD, uids);
        var lacking = shared.locked(() -> {
            var named = put(found, number, at);
            return rows.lacking(uids, named, number);
        });
        // The label index may lag behind: what we know and a list lacks is asked for by its id before anything is
        // claimed.
        lacking.forEach(id -> readOne(Urgency.PROVISIONING, Purpose.REREAD, id));
        shared.locked(() -> uids.forEach(uid -> looked(uid, number)));
    }

    public Optional<T> readOne(Urgency urgency, Purpose purpose, K id) {
        long number = shared.nextNumber();
        var at = shared.now();
        var found = kind.get().get(urgency, purpose, id);
        shared.locked(() -> found.ifPresentOrElse(value -> put(value, number, at), () -> remove(id, number)));
        return found;
    }

    /**
     * All pages of a list, which must agree on how many there are: if something goes while it is read, what follows moves up by one, and a page's
     * first entry would be missed.
     */
    private List<T> list(Urgency urgency, Purpose purpose, Collection<String> uids) {
        for (int attempt = 1; attempt <= LIST_ATTEMPTS; attempt++) {
            var found = new HashMap<K, T>();
            int total = -1;
            boolean steady = true;
            int next = 1;
            while (next != 0 && steady) {
                var page = kind.list().list(urgency, purpose, uids, next);
                steady = next == 1 || page.total() == total;
                total = page.total();
                page.items().forEach(item -> found.put(kind.id().apply(item), item));
                next = page.next() > next ? page.next() : 0;
            }
            if (steady && (total < 0 || total == found.size())) return List.copyOf(found.values());
        }
        throw new CloudException.Transient(
                new CloudException.Detail("unsteady_list", "the list of %ss kept changing".formatted(kind.type()), ""),
                null);
    }

    // ---- taking news (under the lock)

    private Set<K> put(Collection<T> values, long number, Instant at) {
        Set<K> named = new HashSet<>();
        for (var value : values) {
            put(value, number, at);
            named.add(kind.id().apply(value));
        }
        return named;
    }

    public void put(T value, long number, Instant at) {
        K id = kind.id().apply(value);
        boolean ours = kind.ours().test(value);
        if (!ours && rows.row(id).isEmpty()) {
            strangers.put(id, true);
            return;
        }
        follow();
        rows.put(value, number, at, shared::changed);
        if (kind.unsettled().test(value)) lookAgainLater(id);
        else unsettledFor.remove(id);
    }

    public void remove(K id, long number) {
        rows.remove(id, number, shared::changed);
        unsettledFor.remove(id);
        if (rows.seenGone(id)) whenGone.accept(id);
    }

    private void looked(String uid, long number) {
        rows.looked(uid, number);
        shared.wakeWaiting(uid);
    }

    /** It is on its way into another state and no action of which we know tells when: look at it again, ever more rarely. */
    private void lookAgainLater(K id) {
        int times = unsettledFor.merge(id, 1, Integer::sum);
        var wait = Duration.ofSeconds(Math.min(120, 1L << Math.min(times, 7)));
        rereads.id(id, shared.now().plus(wait));
    }

    // ---- answering (under the lock)

    /** All of the installation's. */
    public Stream<Rows.Row<T>> ours() {
        return rows.all().stream().filter(row -> isOurs(row.value()));
    }

    /** It bears the installation's mark. */
    public boolean isOurs(T value) {
        return kind.ours().test(value);
    }

    /**
     * What has lost our labels is not absent, and waiting does not help: that is unknown since ever.
     *
     * @param doubt why absence cannot be claimed of anything now, or null
     */
    public Sighting<List<T>> sight(String uid, Set<K> knownIds, Instant asOf, String doubt) {
        var found = rows.rows(uid);
        if (!found.isEmpty()) {
            var oldest =
                    found.stream().map(Rows.Row::asOf).min(Instant::compareTo).orElseThrow();
            unknownSince.remove(uid);
            return new Sighting.Seen<>(
                    found.stream().map(Rows.Row::value).toList(), oldest.isAfter(asOf) ? oldest : asOf);
        }
        for (K id : knownIds)
            if (!rows.seenGone(id) && (rows.row(id).isPresent() || strangers.containsKey(id)))
                return new Sighting.Unknown<>(strayed(id), Instant.EPOCH);
        var why = doubt != null ? doubt : doubtAbout(uid, knownIds);
        if (why == null) {
            unknownSince.remove(uid);
            return new Sighting.Absent<>(asOf);
        }
        shared.waits(uid);
        var since = unknownSince.computeIfAbsent(uid, _ -> shared.now());
        return new Sighting.Unknown<>(why, since.isBefore(asOf) ? since : asOf);
    }

    private String strayed(K id) {
        return "%s %s does not carry %s any more; put them back, or delete it in the cloud's console"
                .formatted(kind.type(), id, kind.mark());
    }

    private String doubtAbout(String uid, Set<K> knownIds) {
        for (K id : knownIds) {
            if (rows.seenGone(id)) continue;
            rereads.id(id, shared.now());
            return "%s %s has yet to be looked at".formatted(kind.type(), id);
        }
        if (rows.lookedSinceOurWrite(uid)) return null;
        rereads.uid(uid, shared.now().plus(shared.settings.coalesce()));
        return "not looked at since our own last write";
    }

    // ---- telling (under the lock): what our own writes answered

    public void wrote(String uid, T value) {
        wrote(uid, value, shared.nextNumber());
    }

    /** {@code number} was drawn before anything else that the same answer told of was taken in. */
    public void wrote(String uid, T value, long number) {
        rows.wrote(uid, number);
        put(value, number, shared.now());
    }

    public void deleted(String uid, K id) {
        long number = shared.nextNumber();
        rows.wrote(uid, number);
        remove(id, number);
    }

    // ---- finalizers

    /** Looks itself, now, at all that this uid had or may have. */
    public Departure gone(String uid, Set<K> knownIds) {
        try {
            Set<K> ids = new HashSet<>(knownIds);
            shared.locked(() -> ids.addAll(rows.ids(uid)));
            for (K id : ids)
                if (readOne(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, id).isPresent()) return still(id);
            long number = shared.nextNumber();
            var at = shared.now();
            var left = list(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, List.of(uid));
            shared.locked(() -> {
                put(left, number, at);
                looked(uid, number);
            });
            return left.stream()
                    .filter(it -> uid.equals(rows.uidOf(it)))
                    .findFirst()
                    .<Departure>map(it -> still(kind.id().apply(it)))
                    .orElseGet(Departure.Gone::new);
        } catch (CloudException e) {
            return new Departure.Unknown(e);
        }
    }

    private Departure still(K id) {
        return new Departure.StillThere("%s %s".formatted(kind.type(), id));
    }
}
