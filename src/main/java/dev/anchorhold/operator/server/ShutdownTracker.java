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

/** What this process remembers of servers' power between two looks: whose guest was asked to shut down, and when one looked. */
public final class ShutdownTracker {
    private static final Duration REREAD_INTERVAL = Duration.ofSeconds(4);

    private final InstantSource clock;
    private final Map<String, Instant> shutdownsAsked = new ConcurrentHashMap<>();
    private final Map<String, Instant> looked = new ConcurrentHashMap<>();

    public ShutdownTracker(InstantSource clock) {
        this.clock = clock;
    }

    /** When the guest was last asked to shut down; forgotten when it has, or when that is over and it should run. */
    public Optional<Instant> shutdownRequestedAt(String uid, boolean wantsRunning, Sighting<List<Server>> servers) {
        Instant asked = shutdownsAsked.get(uid);
        boolean off = servers instanceof Sighting.Seen<List<Server>>(var all, var _)
                && all.getFirst().status() == Server.Status.OFF;
        boolean over = asked != null
                && wantsRunning
                && asked.plus(ServerNeeds.SHUTDOWN_GRACE).isBefore(clock.instant());
        if (off || over) {
            shutdownsAsked.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(asked);
    }

    void shutdownRequested(String uid) {
        shutdownsAsked.put(uid, clock.instant());
    }

    void poweredOn(String uid) {
        shutdownsAsked.remove(uid);
    }

    /** Whether it is time for another look. */
    boolean rereadDue(String uid) {
        Instant now = clock.instant();
        Instant last = looked.get(uid);
        boolean due = last == null || last.plus(REREAD_INTERVAL).isBefore(now);
        if (due) {
            looked.put(uid, now);
        }
        return due;
    }

    public void forget(String uid) {
        shutdownsAsked.remove(uid);
        looked.remove(uid);
    }
}
