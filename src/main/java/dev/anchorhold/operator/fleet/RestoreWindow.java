package dev.anchorhold.operator.fleet;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;

/**
 * The time during which a restore may be under way in a cluster: objects come back days after their ProviderConfig, under
 * new UIDs, and what they are to take over looks abandoned until then. Nothing is done meanwhile that cannot be undone (H09).
 */
public final class RestoreWindow {
    public static final Duration LENGTH = Duration.ofDays(3);

    private RestoreWindow() {}

    /** Counted from the object's creation in this cluster, which no backup can bring along. */
    public static Instant endOf(HasMetadata object) {
        return Instant.parse(object.getMetadata().getCreationTimestamp()).plus(LENGTH);
    }

    public static boolean isOpen(HasMetadata object, Instant now) {
        return endOf(object).isAfter(now);
    }
}
