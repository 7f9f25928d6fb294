package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.INVENTORY_STALE;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Decides what an unknown or old sighting means: nothing for a moment, a condition when it lasts longer than
 * {@link #LIMIT}.
 */
public final class StaleInventory {
    /** How long the cloud may be unknown before a Ready object says so. */
    public static final Duration LIMIT = Duration.ofMinutes(5);

    private static final Duration LATER = Duration.ofSeconds(30);

    private StaleInventory() {}

    /** After a start, and when the cloud stammers: nothing is known, nothing is done, nothing is said. */
    public static boolean isTransient(Sighting<?> sighting, Instant now) {
        return sighting instanceof Unknown<?>(var _, var since)
                && since.plus(LIMIT).isAfter(now);
    }

    /** What was seen long ago may not be so any more: nothing is done on the strength of it, and nobody is told that all is well. */
    public static <S> Optional<Need<S>> prolonged(Sighting<?> sighting, Instant now) {
        return sighting instanceof Seen<?>(var _, var asOf) && asOf.plus(LIMIT).isBefore(now)
                ? Optional.of(Need.unknown(
                        INVENTORY_STALE,
                        "the cloud was last read successfully at " + asOf.truncatedTo(ChronoUnit.SECONDS),
                        LATER))
                : Optional.empty();
    }
}
