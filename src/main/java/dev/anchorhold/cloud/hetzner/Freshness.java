package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.InventorySettings;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * How far what is known can be trusted: it is as fresh as the last look at the feeds, as long as each look could be joined to the one before,
 * back to a complete listing (F12). Guarded by the inventory's lock.
 */
final class Freshness {
    private final InventorySettings settings;
    private final Instant began;
    private Instant lookedAt;
    private Instant listedAt;
    private boolean joined;
    private boolean listingWanted = true;

    Freshness(InventorySettings settings, Instant now) {
        this.settings = settings;
        this.began = now;
    }

    /** A complete listing was begun at {@code at} and is done. */
    void recordListing(Instant at) {
        listedAt = at;
        lookedAt = lookedAt == null || at.isAfter(lookedAt) ? at : lookedAt;
        joined = true;
        listingWanted = false;
    }

    /** The feeds were looked at, from {@code at} on. After a silence of three looks, or a gap, all is listed again. */
    void recordFeedRead(Instant at, boolean gap) {
        if (lookedAt == null) return;
        if (gap) joined = false;
        if (gap
                || Duration.between(lookedAt, at)
                                .compareTo(settings.feedInterval().multipliedBy(3))
                        > 0) listingWanted = true;
        if (joined && at.isAfter(lookedAt)) lookedAt = at;
    }

    /** The feeds are joined to nothing yet: what happened before is known only after a listing from now on. */
    void requireListing() {
        joined = false;
        listingWanted = true;
    }

    /** Instant from which on a listing is due; while the feeds are silent, listings take their place. */
    Instant listingDue(Instant now) {
        if (listedAt == null || listingWanted) return now;
        var hourly = listedAt.plus(settings.relistInterval());
        var instead = lookedAt.plus(settings.maxAge().dividedBy(2));
        return hourly.isBefore(instead) ? hourly : instead;
    }

    /** Everything known was true at this instant, unless it bears a later one. */
    Instant asOf() {
        return lookedAt == null ? began : lookedAt;
    }

    /** Why nothing may be called absent now; empty if it may. */
    Optional<String> whyUnknown(Instant now) {
        if (listedAt == null) return Optional.of("the cloud has not been listed completely yet");
        var age = Duration.between(lookedAt, now);
        if (!joined || age.compareTo(settings.maxAge()) > 0)
            return Optional.of(
                    "the last complete look at the cloud was at " + lookedAt.truncatedTo(ChronoUnit.SECONDS));
        return Optional.empty();
    }
}
