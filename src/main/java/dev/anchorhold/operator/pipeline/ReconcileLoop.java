package dev.anchorhold.operator.pipeline;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.resource.ObjectStatus;
import io.fabric8.kubernetes.client.CustomResource;
import java.time.Duration;

/** Runs observe, decide, act and record for one object until a plan has no steps left: the same for every kind. */
public final class ReconcileLoop {
    /** More than this in one go is a quarrel with somebody, and waits its turn. */
    private static final int MAX_PASSES = 12;

    static final Duration RETRY_DELAY = Duration.ofMillis(200);

    private ReconcileLoop() {}

    /**
     * What a kind does for one object while its reconcile lasts.
     *
     * @param <R> the resource
     * @param <S> its steps
     * @param <T> its status
     */
    public interface Pass<R, S, T> {

        /** Observes and decides. */
        Plan<S, T> decide(R newest);

        /**
         * Carries the plan's steps out.
         *
         * @return whether something was done that the next observation may show
         */
        boolean act(Plan<S, T> plan);

        /** The plan's status is on record. */
        void recorded(R before, T status);
    }

    /** The last plan, which says when to reconcile again and whether the object may go. */
    public static <R extends CustomResource<?, T>, S, T extends ObjectStatus> Plan<S, T> run(
            Fleet fleet, StatusWriter status, R cached, Pass<R, S, T> pass) {
        if (!fleet.isSynced()) {
            return Plan.noUpdate(RETRY_DELAY);
        }
        for (int i = 0; i < MAX_PASSES; i++) {
            R newest = status.newest(cached);
            var plan = pass.decide(newest);
            // What cannot be told is not done: it would run, and be in no books.
            boolean recordFirst = status.isUnwritten(newest);
            if (!recordFirst && !plan.steps().isEmpty() && pass.act(plan)) {
                continue; // what was done is seen in the next observation, and then recorded
            }
            if (plan.status().isPresent() && !status.write(newest, plan.status().get())) {
                status.writeJournal(newest, plan.status().get());
                return Plan.noUpdate(RETRY_DELAY); // somebody changed it: start over with what they wrote
            }
            plan.status().ifPresent(recorded -> pass.recorded(newest, recorded));
            if (recordFirst && !plan.steps().isEmpty() && pass.act(plan)) {
                continue;
            }
            if (!plan.rescheduleAfter().isZero()) {
                return plan;
            }
        }
        return Plan.noUpdate(RETRY_DELAY);
    }
}
