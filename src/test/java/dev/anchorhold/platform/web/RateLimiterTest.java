package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.SettableClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T10:00:00Z"));
    private final RateLimiter rateLimiter = new RateLimiter(60, clock);

    @Test
    void everybody_has_a_minutes_worth_at_once_and_one_a_second_after_that() {
        spend("a", 60);
        assertThat(rateLimiter.consume("a")).hasValue(Duration.ofSeconds(1));
        assertThat(rateLimiter.consume("b")).isEmpty();

        clock.pass(Duration.ofMillis(1500));
        assertThat(rateLimiter.consume("a")).isEmpty();
        assertThat(rateLimiter.consume("a")).hasValue(Duration.ofMillis(500));

        clock.pass(Duration.ofHours(1));
        spend("a", 60);
        assertThat(rateLimiter.consume("a")).isPresent();
    }

    @Test
    void what_is_given_back_can_be_spent_and_is_never_more_than_a_minutes_worth() {
        rateLimiter.giveBack("a");
        spend("a", 60);
        rateLimiter.giveBack("a");
        spend("a", 1);
        assertThat(rateLimiter.consume("a")).isPresent();

        clock.pass(Duration.ofHours(1));
        rateLimiter.giveBack("a");
        spend("a", 60);
        assertThat(rateLimiter.consume("a")).isPresent();
    }

    @Test
    void those_who_come_most_are_not_forgotten_for_those_who_come_once() {
        spend("busy", 60);
        for (int i = 0; i < 50_000; i++) {
            rateLimiter.consume(i);
            if (i % 1000 == 0) {
                assertThat(rateLimiter.consume("busy")).isPresent();
            }
        }
    }

    private void spend(String who, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(rateLimiter.consume(who)).isEmpty();
        }
    }
}
