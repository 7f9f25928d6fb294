package dev.anchorhold.operator.server;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Server;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * In-memory record, per object, of when its guest was asked to shut down and when its server was last read again for
 * it.
 */
public final class ShutdownTracker {
    private static final Duration REREAD_INTERVAL = Duration.ofSeconds(4);

    private final InstantSource clock;
    private final Map<String, Instant> shutdownRequests = new ConcurrentHashMap<>();
    private final Map<String, Instant> lastRereads = new ConcurrentHashMap<>();

    public ShutdownTracker(InstantSource clock) {
        this.clock = clock;
    }

    /** When the guest was last asked to shut down; forgotten when it has, or when that is over and it should run. */
    public Optional<Instant> shutdownRequestedAt(String uid, boolean wantsRunning, Sighting<List<Server>> servers) {
        Instant requestedAt = shutdownRequests.get(uid);
        boolean off = servers instanceof Sighting.Seen<List<Server>>(var all, var _)
                && all.getFirst().status() == Server.Status.OFF;
        boolean over = requestedAt != null
                && wantsRunning
                && requestedAt.plus(ServerNeeds.SHUTDOWN_GRACE).isBefore(clock.instant());
        if (off || over) {
            shutdownRequests.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(requestedAt);
    }

    void shutdownRequested(String uid) {
        shutdownRequests.put(uid, clock.instant());
    }

    void poweredOn(String uid) {
        shutdownRequests.remove(uid);
    }

    /** Whether the server is due to be read again; if so, notes that it is. */
    boolean rereadDue(String uid) {
        Instant now = clock.instant();
        Instant last = lastRereads.get(uid);
        boolean due = last == null || last.plus(REREAD_INTERVAL).isBefore(now);
        if (due) {
            lastRereads.put(uid, now);
        }
        return due;
    }

    public void forget(String uid) {
        shutdownRequests.remove(uid);
        lastRereads.remove(uid);
    }
}
