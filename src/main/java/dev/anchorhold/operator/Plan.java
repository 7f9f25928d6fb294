package dev.anchorhold.operator;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a decider decided: steps to take now, the status to record, when to look again.
 *
 * @param status the whole status, complete, or empty to write nothing (nothing is known, or hands off)
 * @param again the longest time until the next look
 * @param released true when the finalizer may go
 */
public record Plan<S, T>(List<S> steps, Optional<T> status, Duration again, boolean released) {

    /** However quiet it is, every object is looked at this often; it costs no call to any cloud. */
    public static final Duration QUIET = Duration.ofMinutes(1);

    public static <S, T> Plan<S, T> holdStill(Duration again) {
        return new Plan<>(List.of(), Optional.empty(), again, false);
    }

    public static <S, T> Plan<S, T> release() {
        return new Plan<>(List.of(), Optional.empty(), QUIET, true);
    }
}
