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

    void invalidate() {
        requested = true;
        invalidated = true;
    }

    Optional<Instant> due() {
        if (!requested) return Optional.empty();
        if (last == null) return Optional.of(context.now());
        return Optional.of(readAt.plus(invalidated ? MIN_INTERVAL : context.settings.slowInterval()));
    }

    boolean isDue() {
        return due().filter(when -> !when.isAfter(context.now())).isPresent();
    }

    void read() {
        var at = context.now();
        var types = client.serverTypes(Urgency.PROVISIONING, Purpose.CATALOGUE);
        var images = client.images(Urgency.PROVISIONING, Purpose.CATALOGUE);
        var locations = client.locations(Urgency.PROVISIONING, Purpose.CATALOGUE);
        context.locked(() -> {
            last = new ServerCatalogue(types, images, locations);
            readAt = at;
            requested = false;
            invalidated = false;
        });
    }
}
