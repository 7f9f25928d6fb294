package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.InventorySettings;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Tracks as of when the inventory is complete: as of the last poll of the feeds, as long as each poll could be joined
 * to the one before, back to a complete listing (F12). Guarded by the inventory's lock.
 */
final class Freshness {
    private final InventorySettings settings;
    private final Instant startedAt;
    private Instant observedAt;
    private Instant listedAt;
    private boolean gapless;
    private boolean listingWanted = true;

    Freshness(InventorySettings settings, Instant now) {
        this.settings = settings;
        this.startedAt = now;
    }

    /** A complete listing was begun at {@code at} and is done. */
    void recordListing(Instant at) {
        listedAt = at;
        observedAt = observedAt == null || at.isAfter(observedAt) ? at : observedAt;
        gapless = true;
        listingWanted = false;
    }

    /** The feeds were polled, from {@code at} on. After three missed polls, or a gap, all is listed again. */
    void recordFeedRead(Instant at, boolean gap) {
        if (observedAt == null) return;
        if (gap) gapless = false;
        if (gap
                || Duration.between(observedAt, at)
                                .compareTo(settings.feedInterval().multipliedBy(3))
                        > 0) listingWanted = true;
        if (gapless && at.isAfter(observedAt)) observedAt = at;
    }

    /** The feeds are joined to nothing yet: what happened before is known only after a listing from now on. */
    void requireListing() {
        gapless = false;
        listingWanted = true;
    }

    /** Instant from which on a listing is due; while the feeds are silent, listings take their place. */
    Instant listingDue(Instant now) {
        if (listedAt == null || listingWanted) return now;
        var hourly = listedAt.plus(settings.relistInterval());
        var instead = observedAt.plus(settings.maxAge().dividedBy(2));
        return hourly.isBefore(instead) ? hourly : instead;
    }

    /** Everything known was true at this instant, unless it bears a later one. */
    Instant asOf() {
        return observedAt == null ? startedAt : observedAt;
    }

    /** Why nothing may be called absent now; empty if it may. */
    Optional<String> whyUnknown(Instant now) {
        if (listedAt == null) return Optional.of("the cloud has not been listed completely yet");
        var age = Duration.between(observedAt, now);
        if (!gapless || age.compareTo(settings.maxAge()) > 0)
            return Optional.of("the cloud was last read completely at " + observedAt.truncatedTo(ChronoUnit.SECONDS));
        return Optional.empty();
    }
}
