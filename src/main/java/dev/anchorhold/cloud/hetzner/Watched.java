package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
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
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** One kind of object under watch: its rows, and the reads that keep them true. */
final class Watched<T> {
    /** So many are read by their id; more of them by one list. */
    private static final int FEW = 1;
    /** So many uids fit into one selector without an overlong URL. */
    private static final int UIDS_PER_LIST = 50;

    private static final int LIST_ATTEMPTS = 3;

    final Kind<T> kind;
    final Rows<T> rows;
    final Rereads rereads = new Rereads();
    final ActionFeed feed = new ActionFeed();
    private final Shared shared;
    private final PendingActions pending;
    private final Map<Long, Integer> changingFor = new HashMap<>();
    private final Map<Long, Boolean> strangers = new Recent<>(20_000);
    private final Map<String, Instant> unknownSince = new Recent<>(20_000);
    private LongConsumer whenGone = _ -> {};
    private boolean followed;
    private boolean heard;

    Watched(Kind<T> kind, Shared shared, PendingActions pending) {
        this.kind = kind;
        this.shared = shared;
        this.pending = pending;
        // What another installation's label is on is nobody's of ours, whatever else it bears (F03).
        this.rows = new Rows<>(
                kind.id(),
                it -> Ownership.isOurs(kind.labels().apply(it), shared.installation)
                        ? kind.uid().apply(it)
                        : "");
    }

    // ---- following (under the lock)

    /** From now on its feed is looked at. That costs calls for ever, so whoever has none of a kind and wants none does not pay for it. */
    void follow() {
        followed = true;
    }

    boolean isFollowed() {
        return followed;
    }

    /** Its feed was looked at, for the first time. */
    void heard() {
        heard = true;
    }

    /** What happens to it is to be known, and is not yet. */
    boolean isUnheard() {
        return followed && !heard;
    }

    /** Called with an id, under the lock, when the object is no more. */
    void whenGone(LongConsumer listener) {
        whenGone = listener;
    }

    // ---- reads

    /** The backstop: everything of the installation. */
    void listAll(Urgency urgency) {
        long number = shared.nextNumber();
        var at = shared.now();
        var all = list(urgency, Purpose.BACKSTOP, Ownership.selector(shared.installation));
        shared.locked(() -> {
            var named = put(all, number, at);
            rows.lacking(null, named, number).forEach(id -> rereads.id(id, at));
            rows.listed(number);
        });
    }

    /** Reads again what is due. What could not be read stays due. */
    void readAgain() {
        var batch = shared.locked(() -> rereads.take(shared.now()));
        if (batch.isEmpty()) return;
        try {
            read(batch);
        } catch (RuntimeException e) {
            shared.locked(() -> rereads.putBack(batch, shared.now()));
            throw e;
        }
    }

    private void read(Rereads.Batch batch) {
        Set<String> uids = new HashSet<>(batch.uids());
        var ids = new HashSet<>(batch.ids());
        if (ids.size() > FEW || !uids.isEmpty())
            shared.locked(() -> {
                for (long id : batch.ids()) {
                    var uid = rows.row(id)
                            .map(row -> kind.uid().apply(row.value()))
                            .orElse("");
                    if (uid.isEmpty()) continue;
                    uids.add(uid);
                    ids.remove(id);
                }
            });
        var list = new ArrayList<>(uids);
        for (int from = 0; from < list.size(); from += UIDS_PER_LIST)
            readUids(list.subList(from, Math.min(list.size(), from + UIDS_PER_LIST)));
        ids.forEach(id -> readOne(Urgency.PROVISIONING, Purpose.REREAD, id));
    }

    private void readUids(List<String> uids) {
        long number = shared.nextNumber();
        var at = shared.now();
        var found = list(Urgency.PROVISIONING, Purpose.REREAD, Ownership.selector(shared.installation, uids));
        var lacking = shared.locked(() -> {
            var named = put(found, number, at);
            return rows.lacking(uids, named, number);
        });
        // The label index may lag behind: what we know and a list lacks is asked for by its id before anything is
        // claimed.
        lacking.forEach(id -> readOne(Urgency.PROVISIONING, Purpose.REREAD, id));
        shared.locked(() -> uids.forEach(uid -> looked(uid, number)));
    }

    Optional<T> readOne(Urgency urgency, Purpose purpose, long id) {
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
    private List<T> list(Urgency urgency, Purpose purpose, String selector) {
        for (int attempt = 1; attempt <= LIST_ATTEMPTS; attempt++) {
            var found = new HashMap<Long, T>();
            int total = -1;
            boolean steady = true;
            int next = 1;
            while (next != 0 && steady) {
                var page = kind.list().list(urgency, purpose, selector, next);
                steady = next == 1 || page.total() == total;
                total = page.total();
                page.items().forEach(item -> found.put(kind.id().applyAsLong(item), item));
                next = page.next() > next ? page.next() : 0;
            }
            if (steady && (total < 0 || total == found.size())) return List.copyOf(found.values());
        }
        throw new CloudException.Transient(
                new CloudException.Detail("unsteady_list", "the list of %ss kept changing".formatted(kind.type()), ""),
                null);
    }

    // ---- taking news (under the lock)

    private Set<Long> put(Collection<T> values, long number, Instant at) {
        Set<Long> named = new HashSet<>();
        for (var value : values) {
            put(value, number, at);
            named.add(kind.id().applyAsLong(value));
        }
        return named;
    }

    void put(T value, long number, Instant at) {
        long id = kind.id().applyAsLong(value);
        boolean ours = Ownership.isOurs(kind.labels().apply(value), shared.installation);
        if (!ours && rows.row(id).isEmpty()) {
            strangers.put(id, true);
            return;
        }
        follow();
        rows.put(value, number, at, shared::changed);
        if (kind.changing().test(value) && !pending.concern(id, kind.type())) lookAgainLater(id);
        else changingFor.remove(id);
    }

    void remove(long id, long number) {
        rows.remove(id, number, shared::changed);
        changingFor.remove(id);
        if (rows.seenGone(id)) whenGone.accept(id);
    }

    private void looked(String uid, long number) {
        rows.looked(uid, number);
        shared.wakeWaiting(uid);
    }

    /** It is on its way into another state and no action of which we know tells when: look at it again, ever more rarely. */
    private void lookAgainLater(long id) {
        int times = changingFor.merge(id, 1, Integer::sum);
        var wait = Duration.ofSeconds(Math.min(120, 1L << Math.min(times, 7)));
        rereads.id(id, shared.now().plus(wait));
    }

    // ---- answering (under the lock)

    /** All of the installation's. */
    Stream<Rows.Row<T>> ours() {
        return rows.all().stream()
                .filter(row -> Ownership.isOurs(kind.labels().apply(row.value()), shared.installation));
    }

    /**
     * What has lost our labels is not absent, and waiting does not help: that is unknown since ever.
     *
     * @param doubt why absence cannot be claimed of anything now, or null
     */
    Sighting<List<T>> sight(String uid, Set<Long> knownIds, Instant asOf, String doubt) {
        var found = rows.rows(uid);
        if (!found.isEmpty()) {
            var oldest =
                    found.stream().map(Rows.Row::asOf).min(Instant::compareTo).orElseThrow();
            unknownSince.remove(uid);
            return new Sighting.Seen<>(
                    found.stream().map(Rows.Row::value).toList(), oldest.isAfter(asOf) ? oldest : asOf);
        }
        for (long id : knownIds)
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

    private String strayed(long id) {
        return "%s %d does not carry our labels any more; put them back, or delete it in the cloud's console"
                .formatted(kind.type(), id);
    }

    private String doubtAbout(String uid, Set<Long> knownIds) {
        for (long id : knownIds) {
            if (rows.seenGone(id)) continue;
            rereads.id(id, shared.now());
            return "%s %d has yet to be looked at".formatted(kind.type(), id);
        }
        if (rows.lookedSinceOurWrite(uid)) return null;
        rereads.uid(uid, shared.now().plus(shared.settings.coalesce()));
        return "not looked at since our own last write";
    }

    // ---- finalizers

    /** Looks itself, now, at all that this uid had or may have. */
    Departure gone(String uid, Set<Long> knownIds) {
        try {
            Set<Long> ids = new HashSet<>(knownIds);
            shared.locked(() -> ids.addAll(rows.ids(uid)));
            for (long id : ids)
                if (readOne(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, id).isPresent()) return still(id);
            long number = shared.nextNumber();
            var at = shared.now();
            var left = list(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, Ownership.selector(shared.installation, uid));
            shared.locked(() -> {
                put(left, number, at);
                looked(uid, number);
            });
            return left.isEmpty() ? new Departure.Gone() : still(kind.id().applyAsLong(left.getFirst()));
        } catch (CloudException e) {
            return new Departure.Unknown(e);
        }
    }

    private Departure still(long id) {
        return new Departure.StillThere("%s %d".formatted(kind.type(), id));
    }
}
