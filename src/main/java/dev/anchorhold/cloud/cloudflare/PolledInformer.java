package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.CloudInformer;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps one informer current by complete lists at an interval, since this cloud has no feed of what changed. Guarded by
 * the inventory's lock.
 */
final class PolledInformer<T> {
    final CloudInformer<String, T> informer;
    private final InventoryContext context;
    private final Urgency routine;
    private final Purpose purpose;
    private final Supplier<Duration> interval;
    private final Duration maxAge;
    private final Instant startedAt;
    private Instant listedAt;

    /**
     * @param routine of a list that follows the last one in time; one that was missed is urgent
     * @param interval between two lists
     * @param maxAge of the last list at which "not there" becomes "unknown" (F12)
     */
    PolledInformer(
            CloudInformer<String, T> cloudInformer,
            InventoryContext inventoryContext,
            Urgency routine,
            Purpose purpose,
            Supplier<Duration> interval,
            Duration maxAge) {
        this.informer = cloudInformer;
        this.context = inventoryContext;
        this.routine = routine;
        this.purpose = purpose;
        this.interval = interval;
        this.maxAge = maxAge;
        this.startedAt = inventoryContext.now();
        cloudInformer.enable();
    }

    Optional<Instant> due() {
        return Optional.of(listedAt == null ? Instant.MIN : listedAt.plus(interval.get()));
    }

    /** Not under the lock: reads the list. */
    void read() {
        var at = context.now();
        boolean missed = context.locked(() -> whyUnknown().isPresent());
        informer.listAll(missed ? Urgency.DELETION_OR_PERSON : routine, purpose);
        context.locked(() -> {
            listedAt = at;
            context.notifyWaiters();
        });
    }

    boolean isSynced() {
        return listedAt != null;
    }

    /** Everything known was true at this instant, unless it bears a later one. */
    Instant asOf() {
        return listedAt == null ? startedAt : listedAt;
    }

    /** Why nothing may be called absent now; empty if it may. */
    Optional<String> whyUnknown() {
        var type = informer.cloudResourceType.type();
        if (listedAt == null)
            return Optional.of("Cloudflare's %ss have not been listed completely yet".formatted(type));
        if (Duration.between(listedAt, context.now()).compareTo(maxAge) <= 0) return Optional.empty();
        return Optional.of("Cloudflare's %ss were last listed completely at %s"
                .formatted(type, listedAt.truncatedTo(ChronoUnit.SECONDS)));
    }
}
