package dev.anchorhold.operator.backoff;

import java.time.Duration;

/** Exponential back-off: the delay after the n-th failure in a row, from 0, twice as long each time up to a limit. */
public record ExponentialBackoff(Duration initial, Duration max) {
    public Duration delayAfter(int failures) {
        Duration wait = initial.multipliedBy(1L << Math.min(failures, 20));
        return wait.compareTo(max) > 0 ? max : wait;
    }
}
