package dev.anchorhold.operator.fleet;

import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ConditionedStatus;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts all objects by kind and by what their condition {@code Ready} says, as the gauge {@code anchorhold.objects}. It is told of each
 * change by the informers' stores: no object is asked for, or gone through, to be counted.
 */
final class ReadyCounts {
    /** What nobody has looked at yet has no condition, and so no reason. */
    static final String UNSEEN = "None";

    private final MeterRegistry metrics;
    /** As many as there are reasons at most. One that is empty stays, so that its series says 0 and does not end. */
    private final Map<Key, AtomicLong> counts = new ConcurrentHashMap<>();

    private record Key(String kind, String ready, String reason) {}

    ReadyCounts(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /** An object as it was and as it is; null when it was not there, or is not any more. */
    void changed(HasMetadata before, HasMetadata now) {
        if (now != null) {
            count(key(now)).incrementAndGet();
        }
        if (before != null) {
            count(key(before)).decrementAndGet();
        }
    }

    private static Key key(HasMetadata object) {
        Optional<Condition> ready =
                object instanceof CustomResource<?, ?> it && it.getStatus() instanceof ConditionedStatus status
                        ? Condition.find(status.conditions(), Reasons.READY)
                        : Optional.empty();
        return new Key(
                object.getKind(),
                ready.map(it -> it.status().name()).orElse(Condition.Status.Unknown.name()),
                ready.map(Condition::reason).orElse(UNSEEN));
    }

    private AtomicLong count(Key key) {
        return counts.computeIfAbsent(key, _ -> {
            var count = new AtomicLong();
            Gauge.builder("anchorhold.objects", count, AtomicLong::get)
                    .tag("kind", key.kind)
                    .tag("ready", key.ready)
                    .tag("reason", key.reason)
                    .register(metrics);
            return count;
        });
    }
}
