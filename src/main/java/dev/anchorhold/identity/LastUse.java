package dev.anchorhold.identity;

import dev.anchorhold.platform.BoundedMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** Decides when the use of a session or a token is written down: by this process at most once a minute, however many calls it has at once. */
final class LastUse {
    static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final int MAX_REMEMBERED = 10_000;

    private final Map<UUID, Instant> written = new BoundedMap<>(MAX_REMEMBERED);

    /** @param recorded what the database has, or null; whoever is told yes writes it */
    synchronized boolean isDue(UUID id, Instant recorded, Instant now) {
        Instant last = written.getOrDefault(id, recorded);
        boolean due = last == null || !now.isBefore(last.plus(INTERVAL));
        if (due) {
            written.put(id, now);
        }
        return due;
    }
}
