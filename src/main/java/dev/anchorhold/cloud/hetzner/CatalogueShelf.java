package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Keeps the last catalogue, and reads it only when somebody asks and it is old. Its fields are guarded by the inventory's lock. */
final class CatalogueShelf {
    private static final Duration NOT_MORE_OFTEN = Duration.ofMinutes(1);

    private final HetznerClient client;
    private final Shared shared;
    private Catalogue last;
    private Instant readAt = Instant.MIN;
    private boolean wanted = true;
    private boolean doubted;

    CatalogueShelf(HetznerClient client, Shared shared) {
        this.client = client;
        this.shared = shared;
    }

    Optional<Catalogue> ask() {
        wanted = true;
        return Optional.ofNullable(last);
    }

    void doubt() {
        wanted = true;
        doubted = true;
    }

    Optional<Instant> due() {
        if (!wanted) return Optional.empty();
        if (last == null) return Optional.of(shared.now());
        return Optional.of(readAt.plus(doubted ? NOT_MORE_OFTEN : shared.settings.seldom()));
    }

    boolean isDue() {
        return due().filter(when -> !when.isAfter(shared.now())).isPresent();
    }

    void read() {
        var at = shared.now();
        var types = client.serverTypes(Urgency.PROVISIONING, Purpose.CATALOGUE);
        var images = client.images(Urgency.PROVISIONING, Purpose.CATALOGUE);
        var locations = client.locations(Urgency.PROVISIONING, Purpose.CATALOGUE);
        shared.locked(() -> {
            last = new Catalogue(types, images, locations);
            readAt = at;
            wanted = false;
            doubted = false;
        });
    }
}
