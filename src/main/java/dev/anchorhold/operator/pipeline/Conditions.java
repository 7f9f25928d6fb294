package dev.anchorhold.operator.pipeline;

import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builder of an object's conditions: starts from the last ones, sets some anew, and keeps transition times as
 * Kubernetes asks.
 */
public final class Conditions {
    private final Map<String, Condition> byType = new LinkedHashMap<>();
    private final Map<String, Condition> before;
    private final long generation;
    private final Instant now;

    public Conditions(List<Condition> last, long generation, Instant now) {
        if (last != null) {
            last.forEach(c -> byType.put(c.type(), c));
        }
        this.before = Map.copyOf(byType);
        this.generation = generation;
        this.now = now;
    }

    /**
     * Says it of the current generation. The time of transition stays as long as the status is what it was before, whatever was said of it in
     * between.
     */
    public Conditions set(String type, Condition.Status status, String reason, String message) {
        Condition last = before.get(type);
        String since = last != null && last.status() == status
                ? last.lastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
        byType.put(type, new Condition(type, status, reason, message, since, generation));
        return this;
    }

    public Conditions set(String type, Need<?> need) {
        return set(type, need.status(), need.reason(), need.message());
    }

    public Optional<Condition> get(String type) {
        return Optional.ofNullable(byType.get(type));
    }

    /** The summary first: it is what people and columns look for. */
    public List<Condition> toList() {
        return byType.values().stream()
                .sorted(Comparator.comparing(it -> !it.type().equals(Reasons.READY)))
                .toList();
    }
}
