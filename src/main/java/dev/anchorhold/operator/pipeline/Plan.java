package dev.anchorhold.operator.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Output of a decider: steps to take now, the status to record, when to reconcile again.
 *
 * @param status the whole status, complete, or empty to write nothing (nothing is known, or hands off)
 * @param rescheduleAfter the longest time until the next reconcile
 * @param finalizerReleased true when the finalizer may go
 */
public record Plan<S, T>(List<S> steps, Optional<T> status, Duration rescheduleAfter, boolean finalizerReleased) {

    /** However quiet it is, every object is reconciled this often; it costs no call to any cloud. */
    public static final Duration RESYNC_INTERVAL = Duration.ofMinutes(1);

    public static <S, T> Plan<S, T> noUpdate(Duration rescheduleAfter) {
        return new Plan<>(List.of(), Optional.empty(), rescheduleAfter, false);
    }

    public static <S, T> Plan<S, T> releaseFinalizer() {
        return new Plan<>(List.of(), Optional.empty(), RESYNC_INTERVAL, true);
    }
}
