package dev.anchorhold.operator.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FailureBackoffTest {
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-29T09:00:00Z"));
    private final FailureBackoff backoff = new FailureBackoff(clock, RandomGenerator.getDefault());

    @Test
    void H25_what_a_person_mends_in_kubernetes_is_looked_at_again_within_seconds_however_long_it_was_wrong() {
        var missing = new CloudException.Unresolved(new Detail("secret_missing", "there is none", ""));
        for (int i = 0; i < 50; i++) {
            backoff.recordFailure("uid", "CheckInputs", 1, missing);
            assertThat(backoff.blocking("uid", "CheckInputs", 1)).isPresent();
            clock.pass(Duration.ofSeconds(5));
            assertThat(backoff.blocking("uid", "CheckInputs", 1)).isEmpty();
        }
    }

    @Test
    void H27_after_a_want_of_room_one_alone_tries_again_about_a_minute_later_and_its_success_frees_the_others() {
        assertThat(backoff.claim("cx23@hel1", "capacity")).isTrue();
        assertThat(backoff.claim("cx23@hel1", "capacity")).isTrue();

        backoff.recordFailure(
                "cx23@hel1", "capacity", 0, new CloudException.Capacity(new Detail("resource_unavailable", "no", "")));
        assertThat(backoff.claim("cx23@hel1", "capacity")).isFalse();
        clock.pass(Duration.ofSeconds(76));
        assertThat(backoff.blocking("cx23@hel1", "capacity", 0)).isEmpty();
        assertThat(backoff.claim("cx23@hel1", "capacity")).isTrue();
        assertThat(backoff.claim("cx23@hel1", "capacity")).as("one alone").isFalse();
        assertThat(backoff.blocking("cx23@hel1", "capacity", 0)).isPresent();

        backoff.recordSuccess("cx23@hel1", "capacity");
        assertThat(backoff.blocking("cx23@hel1", "capacity", 0)).isEmpty();
        assertThat(backoff.claim("cx23@hel1", "capacity")).isTrue();
    }
}
