package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AgentCacheTest {
    private Instant now = Instant.parse("2026-11-29T12:00:00Z");
    private final AgentCache cache = new AgentCache(() -> now);

    @Test
    void H10_of_many_that_are_silent_together_one_is_replaced_in_ten_minutes() {
        assertThat(cache.mayReplaceSilent()).isTrue();
        assertThat(cache.claimReplacement(true)).isTrue();
        assertThat(cache.claimReplacement(true))
                .as("another that decided before the first one acted")
                .isFalse();
        assertThat(cache.claimReplacement(false))
                .as("of one that was rebuilt the loss is known")
                .isTrue();
        now = now.plus(Duration.ofMinutes(10)).plusSeconds(1);
        assertThat(cache.claimReplacement(true)).isTrue();
    }
}
