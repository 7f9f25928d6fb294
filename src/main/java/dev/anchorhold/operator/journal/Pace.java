package dev.anchorhold.operator.journal;

import java.time.Duration;

/** How long to wait after the n-th failure in a row, from 0: twice as long each time, up to a limit. */
record Pace(Duration first, Duration longest) {
    Duration after(int failures) {
        Duration wait = first.multipliedBy(1L << Math.min(failures, 20));
        return wait.compareTo(longest) > 0 ? longest : wait;
    }
}
