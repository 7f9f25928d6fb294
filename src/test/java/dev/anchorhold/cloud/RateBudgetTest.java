package dev.anchorhold.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class RateBudgetTest {
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T10:00:00Z"));

    @Test
    void F07_a_thousand_objects_after_an_exhausted_budget_stay_under_the_limit_and_do_not_wake_together() {
        var budget = new RateBudget(3600, clock);
        var cloud = new ReferenceBucket(3600, 0, clock.instant());
        budget.exhausted(Urgency.PROVISIONING);

        record Waiter(int object, Instant wakes) {}
        var waiting = new PriorityQueue<Waiter>(Comparator.comparing(Waiter::wakes));
        for (int object = 0; object < 1000; object++) waiting.add(new Waiter(object, clock.instant()));
        var wokenInSecond = new HashMap<Long, Integer>();
        int served = 0;
        int asked = 0;
        while (!waiting.isEmpty()) {
            var next = waiting.poll();
            clock.set(next.wakes());
            asked++;
            switch (budget.tryAcquire(Urgency.PROVISIONING)) {
                case RateBudget.Granted granted -> {
                    assertThat(cloud.take(clock.instant()))
                            .as("a call over the limit")
                            .isTrue();
                    budget.settle(granted, 3600, cloud.remaining());
                    wokenInSecond.merge(clock.instant().getEpochSecond(), 1, Integer::sum);
                    served++;
                }
                case RateBudget.Denied later ->
                    waiting.add(new Waiter(next.object(), next.wakes().plus(later.retryAfter())));
            }
        }
        assertThat(served).isEqualTo(1000);
        assertThat(asked)
                .as("objects are told a time at which it is really their turn")
                .isLessThan(4000);
        assertThat(wokenInSecond.values()).allMatch(n -> n <= 4);
    }

    /** Cloudflare's rule (providers.md B.3): 1200 in a window of five minutes, whenever that began, or nothing for five minutes. */
    @Test
    void F07_a_bucket_of_half_the_window_never_makes_more_calls_in_any_window_than_are_allowed() {
        var budget = new RateBudget(600, Duration.ofMinutes(5), clock);
        var calls = new ArrayDeque<Instant>();
        var end = clock.instant().plus(Duration.ofMinutes(20));
        while (clock.instant().isBefore(end)) {
            switch (budget.tryAcquire(Urgency.DELETION_OR_PERSON)) {
                case RateBudget.Granted granted -> {
                    budget.settleUnanswered(granted);
                    calls.add(clock.instant());
                    while (calls.getFirst().isBefore(clock.instant().minus(Duration.ofMinutes(5)))) calls.removeFirst();
                    assertThat(calls.size()).isLessThanOrEqualTo(1200);
                }
                case RateBudget.Denied later -> clock.set(clock.instant().plus(later.retryAfter()));
            }
        }
        assertThat(calls.size()).as("and it makes use of what refills").isGreaterThan(400);
    }

    @Test
    void F07_whoever_is_shut_out_stays_away_until_the_end_and_does_not_come_back_all_at_once() {
        var budget = new RateBudget(600, Duration.ofMinutes(5), clock);
        assertThat(budget.blocked(Urgency.DELETION_OR_PERSON, Duration.ofMinutes(5)))
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(5).plusSeconds(5));
        clock.set(clock.instant().plus(Duration.ofSeconds(299)));
        assertThat(drain(budget, Urgency.DELETION_OR_PERSON)).isZero();
        clock.set(clock.instant().plus(Duration.ofSeconds(11)));
        assertThat(drain(budget, Urgency.DELETION_OR_PERSON)).isEqualTo(20);
    }

    @Test
    void what_the_provider_says_is_left_holds_where_it_is_less_than_was_thought() {
        var budget = new RateBudget(600, Duration.ofMinutes(5), clock);
        var granted = (RateBudget.Granted) budget.tryAcquire(Urgency.DELETION_OR_PERSON);
        budget.settleAtMost(granted, 0.05);
        assertThat(drain(budget, Urgency.DELETION_OR_PERSON)).isEqualTo(30);
    }

    @Test
    void lower_classes_leave_a_reserve_for_higher_ones() {
        var budget = new RateBudget(100, clock);
        assertThat(drain(budget, Urgency.DRIFT)).isEqualTo(75);
        assertThat(drain(budget, Urgency.PROVISIONING)).isEqualTo(15);
        assertThat(drain(budget, Urgency.DELETION_OR_PERSON)).isEqualTo(10);
        assertThat(drain(budget, Urgency.DELETION_OR_PERSON)).isZero();
    }

    @Test
    void refills_by_the_hour_and_never_above_the_limit() {
        var budget = new RateBudget(3600, clock);
        drain(budget, Urgency.DELETION_OR_PERSON);
        clock.pass(Duration.ofSeconds(10));
        assertThat(drain(budget, Urgency.DELETION_OR_PERSON)).isEqualTo(10);
        clock.pass(Duration.ofHours(5));
        assertThat(budget.remaining()).isEqualTo(3600);
    }

    @Test
    void others_who_use_the_same_project_are_seen_in_the_headers() {
        var budget = new RateBudget(3600, clock);
        budget.settle((RateBudget.Granted) budget.tryAcquire(Urgency.DRIFT), 3600, 12);
        assertThat(budget.remaining()).isEqualTo(12);
    }

    @Test
    void calls_under_way_count_although_no_answer_has_named_them_yet() {
        var budget = new RateBudget(3600, clock);
        var first = (RateBudget.Granted) budget.tryAcquire(Urgency.DRIFT);
        budget.tryAcquire(Urgency.DRIFT);
        budget.tryAcquire(Urgency.DRIFT);
        budget.settle(first, 3600, 100);
        assertThat(budget.remaining()).isEqualTo(98);
    }

    @Test
    void an_answer_overtaken_by_another_does_not_give_calls_back() {
        var budget = new RateBudget(3600, clock);
        var early = (RateBudget.Granted) budget.tryAcquire(Urgency.DRIFT);
        var late = (RateBudget.Granted) budget.tryAcquire(Urgency.DRIFT);
        budget.settle(late, 3600, 50);
        budget.settle(early, 3600, 51);
        assertThat(budget.remaining()).isLessThanOrEqualTo(50);
    }

    @Test
    void a_limit_raised_by_the_provider_is_adopted() {
        var budget = new RateBudget(3600, clock);
        budget.settle((RateBudget.Granted) budget.tryAcquire(Urgency.DRIFT), 36_000, 35_000);
        assertThat(budget.remaining()).isEqualTo(35_000);
    }

    private static int drain(RateBudget budget, Urgency urgency) {
        int calls = 0;
        while (budget.tryAcquire(urgency) instanceof RateBudget.Granted) calls++;
        return calls;
    }

    /** The provider's side: refuses what exceeds its limit. */
    private static final class ReferenceBucket {
        private final int limit;
        private double level;
        private Instant at;

        ReferenceBucket(int limit, double level, Instant at) {
            this.limit = limit;
            this.level = level;
            this.at = at;
        }

        boolean take(Instant now) {
            level = Math.min(limit, level + Duration.between(at, now).toNanos() / 1e9 * limit / 3600);
            at = now;
            level -= 1;
            return level >= -1e-6;
        }

        int remaining() {
            return (int) Math.floor(level + 1e-6);
        }
    }
}
