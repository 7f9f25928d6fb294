package dev.anchorhold.operator.providerconfig;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.ResourceEnding;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.session.HetznerSession;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Ends orphans in the books and at the door, once what they cost money for is gone from the cloud, whoever deleted it:
 * their own journal went with their object. What is not told, since the process died in between, is reported as an
 * open period without an object.
 */
final class OrphanEndings {
    private static final Logger LOG = Logger.getLogger(OrphanEndings.class);

    private final Fleet fleet;
    private final Books books;
    private final GuestDoor door;
    private final InstantSource clock;
    private final Map<String, Map<String, Standing>> standing = new ConcurrentHashMap<>();

    OrphanEndings(Fleet fleet, Books books, GuestDoor door, InstantSource clock) {
        this.fleet = fleet;
        this.books = books;
        this.door = door;
        this.clock = clock;
    }

    /** What an orphan has that is paid for: its server, or where it has none, its volume. */
    private record Standing(String kind, boolean server, long id, Instant created) {}

    /**
     * Takes note of the orphans that stand, and ends those that stood and do not any more.
     *
     * @param adopted the UIDs whose things an object takes over; given, since after a restore everything is an orphan
     */
    void update(HetznerSession session, Set<String> adopted) {
        var before = standing.computeIfAbsent(session.provider(), _ -> new HashMap<>());
        var now = seen(session, adopted);
        for (var gone : before.entrySet().stream()
                .filter(it -> isGone(it.getValue(), now.get(it.getKey())))
                .toList()) {
            try {
                settle(session, adopted, gone.getKey(), gone.getValue());
                before.remove(gone.getKey());
            } catch (CloudException e) { // the next sweep tries again
                LOG.warnf("the orphan of %s is gone, and not ended yet: %s", gone.getKey(), e.getMessage());
                if (!(e instanceof CloudException.Invalid)) {
                    break; // who does not answer is not asked about each: a reconcile waits for this
                }
            }
        }
        now.forEach(before::putIfAbsent);
    }

    /** Its volume alone may be kept for days. */
    private static boolean isGone(Standing before, Standing now) {
        return now == null || before.server && !now.server;
    }

    private Map<String, Standing> seen(HetznerSession session, Set<String> adopted) {
        Map<String, Standing> seen = new HashMap<>();
        for (Volume it : session.inventory().volumes()) {
            put(seen, adopted, it.uid(), it.labels(), false, it.id(), Instant.EPOCH);
        }
        for (Server it : session.inventory().servers()) { // a server counts before a volume
            put(seen, adopted, it.uid(), it.labels(), true, it.id(), it.created());
        }
        return seen;
    }

    private void put(
            Map<String, Standing> seen,
            Set<String> adopted,
            String uid,
            Map<String, String> labels,
            boolean server,
            long id,
            Instant created) {
        if (!uid.isEmpty() && !isOwned(uid, adopted)) {
            seen.put(uid, new Standing(labels.getOrDefault(Ownership.KIND, ""), server, id, created));
        }
    }

    /** An object has that UID, or takes over what it left. */
    private boolean isOwned(String uid, Set<String> adopted) {
        return adopted.contains(uid) || fleet.objectOf(uid).isPresent();
    }

    /** Once it returns nothing more is to be done for it. */
    private void settle(HetznerSession session, Set<String> adopted, String uid, Standing it) {
        if (isOwned(uid, adopted)) {
            return; // an object of that UID again, or one that takes over: restored
        }
        if (exists(session, it)) {
            LOG.infof("what stood for %s bears its mark no more, and is not ended", uid);
            return;
        }
        if (it.kind.equals(Kind.Agent.name())) {
            door.connection().ifPresent(o -> o.client().delete(uid));
        }
        books.end(new ResourceEnding(
                uid,
                deletedAt(session, uid, it),
                null,
                "orphan: its object was no more, and its %s was deleted".formatted(it.server ? "server" : "volume")));
    }

    /** Its labels may have changed: then it is another's, or adopted. */
    private static boolean exists(HetznerSession session, Standing it) {
        return it.server
                ? session.client()
                        .getServer(Urgency.DRIFT, Purpose.CONFIRM, it.id)
                        .filter(s -> s.status() != Server.Status.DELETING)
                        .isPresent()
                : session.client()
                        .volumes()
                        .get(Urgency.DRIFT, Purpose.CONFIRM, it.id)
                        .isPresent();
    }

    /** When the cloud had deleted it, if an action says so; else now. */
    private Instant deletedAt(HetznerSession session, String uid, Standing it) {
        return Optional.ofNullable(session.inventory().lastSuccess(uid).get("delete_server"))
                .filter(at -> it.server && at.isAfter(it.created))
                .orElseGet(clock::instant);
    }
}
