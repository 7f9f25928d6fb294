package dev.anchorhold.operator;

import io.fabric8.kubernetes.client.CustomResource;
import java.time.Duration;

/** Observe, decide, act, record, again and again while one plan leads to the next: the same for every kind. */
public final class Rounds {
    /** More than this in one go is a quarrel with somebody, and waits its turn. */
    private static final int MOST = 12;

    private static final Duration AT_ONCE = Duration.ofMillis(200);

    private Rounds() {}

    /**
     * What a kind does for one object while its reconcile lasts.
     *
     * @param <R> the resource
     * @param <S> its steps
     * @param <T> its status
     */
    public interface Round<R, S, T> {

        /** Observes and decides. */
        Plan<S, T> decide(R newest);

        /**
         * Carries the plan's steps out.
         *
         * @return whether something was done that the next observation may show
         */
        boolean act(Plan<S, T> plan);
    }

    /** The last plan, which says when to look again and whether the object may go. */
    public static <R extends CustomResource<?, T>, S, T> Plan<S, T> go(
            Fleet fleet, StatusWriter status, R cached, Round<R, S, T> round) {
        if (!fleet.isComplete()) {
            return Plan.holdStill(AT_ONCE);
        }
        for (int i = 0; i < MOST; i++) {
            R newest = status.newest(cached);
            var plan = round.decide(newest);
            if (!plan.steps().isEmpty() && round.act(plan)) {
                continue; // what was done is seen in the next observation, and then recorded
            }
            if (plan.status().isPresent() && !status.write(newest, plan.status().get())) {
                return Plan.holdStill(AT_ONCE); // somebody changed it: start over with what they wrote
            }
            if (!plan.again().isZero()) {
                return plan;
            }
        }
        return Plan.holdStill(AT_ONCE);
    }
}
