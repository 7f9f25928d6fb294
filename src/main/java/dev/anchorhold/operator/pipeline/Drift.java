package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.AS_SPECIFIED;
import static dev.anchorhold.resource.Reasons.CHANGED_IN_CLOUD;
import static dev.anchorhold.resource.Reasons.NO_DRIFT;

import dev.anchorhold.resource.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/** Tells what somebody changed in the cloud and nothing puts right: by a condition, and an event when that changes. */
public final class Drift {
    private Drift() {}

    /** It holds nothing up: what a person did on purpose goes on working. */
    public static void note(Conditions conditions, List<String> drift) {
        if (drift.isEmpty()) {
            conditions.set(NO_DRIFT, Condition.Status.True, AS_SPECIFIED, "nothing was changed behind our back");
        } else {
            conditions.set(
                    NO_DRIFT,
                    Condition.Status.False,
                    CHANGED_IN_CLOUD,
                    "changed in the cloud, and not put right: " + String.join("; ", drift));
        }
    }

    /** After the condition is on record. */
    public static void emitEvent(EventRecorder events, HasMetadata about, List<Condition> before, List<Condition> now) {
        Optional<String> told = told(now);
        if (told.isPresent() && !told.equals(told(before))) {
            events.warning(about, CHANGED_IN_CLOUD, "Observe", told.get());
        }
    }

    private static Optional<String> told(List<Condition> conditions) {
        return Condition.find(conditions, NO_DRIFT)
                .filter(c -> c.reason().equals(CHANGED_IN_CLOUD))
                .map(Condition::message);
    }
}
