package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Condition.Status;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Condition ONE_HOUR_OLD =
            new Condition("Ready", Status.False, "Creating", "", "2026-11-24T11:00:00Z", 1L);

    @Test
    void F08_what_is_said_twice_in_one_pass_is_no_transition() {
        var conditions = new Conditions(List.of(ONE_HOUR_OLD), 1, NOW)
                .set("Ready", Status.True, "SoFar", "")
                .set("Ready", Status.False, "Creating", "");
        assertThat(conditions.toList()).containsExactly(ONE_HOUR_OLD);
    }

    @Test
    void a_transition_has_the_time_of_its_pass() {
        var conditions = new Conditions(List.of(ONE_HOUR_OLD), 1, NOW).set("Ready", Status.True, "Running", "");
        assertThat(conditions.toList())
                .containsExactly(new Condition("Ready", Status.True, "Running", "", "2026-11-24T12:00:00Z", 1L));
    }
}
