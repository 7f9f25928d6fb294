package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Cache of the server catalogue, read again only when somebody asks and it is old. Its fields are guarded by the
 * inventory's lock.
 */
final class CatalogueCache {
    private static final Duration MIN_INTERVAL = Duration.ofMinutes(1);

    private final HetznerClient client;
    private final InventoryContext context;
    private ServerCatalogue last;
    private Instant readAt = Instant.MIN;
    private Instant wholeReadAt = Instant.MIN;
    private boolean requested = true;
    private boolean invalidated;

    CatalogueCache(HetznerClient client, InventoryContext inventoryContext) {
        this.client = client;
        this.context = inventoryContext;
    }

    Optional<ServerCatalogue> get() {
        requested = true;
        return Optional.ofNullable(last);
    }

    /** Whether it was not already: who asks again and again wakes nobody. */
    boolean invalidate() {
        boolean already = requested && invalidated;
        requested = true;
        invalidated = true;
        return !already;
    }

    Optional<Instant> due() {
        if (!requested) return Optional.empty();
        if (last == null) return Optional.of(context.now());
        return Optional.of(readAt.plus(invalidated ? MIN_INTERVAL : context.settings.slowInterval()));
    }

    boolean isDue() {
        return due().filter(when -> !when.isAfter(context.now())).isPresent();
    }

    /** What is sold out changes within minutes, images and locations do not: those are read when they are old themselves. */
    void read() {
        var at = context.now();
        var known = context.locked(() -> last);
        boolean whole = known == null
                || !context.locked(() -> wholeReadAt)
                        .plus(context.settings.slowInterval())
                        .isAfter(at);
        var types = client.serverTypes(Urgency.PROVISIONING, Purpose.CATALOGUE);
        var images = whole ? client.images(Urgency.PROVISIONING, Purpose.CATALOGUE) : known.images();
        var locations = whole ? client.locations(Urgency.PROVISIONING, Purpose.CATALOGUE) : known.locations();
        context.locked(() -> {
            last = new ServerCatalogue(types, images, locations);
            readAt = at;
            wholeReadAt = whole ? at : wholeReadAt;
            requested = false;
            invalidated = false;
        });
    }
}
