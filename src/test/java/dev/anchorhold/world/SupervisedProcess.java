package dev.anchorhold.world;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * A process with its restart policy: when it ended it is started again after a delay, which doubles each time up to a cap and is short
 * again after a run that went well. So does a kubelet (CrashLoopBackOff: 10 s to 5 minutes, forgotten after 10); people wait for this one.
 */
final class SupervisedProcess {
    static final Duration FIRST_DELAY = Duration.ofSeconds(1);
    static final Duration LONGEST_DELAY = Duration.ofMinutes(1);
    /** A run of this length went well. */
    static final Duration GOOD_RUN = Duration.ofMinutes(5);

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final Restartable process;
    private Instant started;
    private Duration delay = FIRST_DELAY;
    private int restarts;
    private String why = "";
    private Instant ended;
    private Instant nextTry;
    private boolean closed;

    SupervisedProcess(Restartable process, Instant now) {
        this.process = process;
        this.started = now;
    }

    /** Takes note of its end, and starts it again when the time has come. */
    synchronized void tick(Instant now) {
        if (nextTry == null) {
            ending().ifPresent(it -> hasEnded(it, now));
        } else if (!now.isBefore(nextTry)) {
            restart(now);
        }
    }

    /** A look that fails (no file handle left, say) is no news of the process; the next one tells. */
    private Optional<String> ending() {
        try {
            return process.ending();
        } catch (RuntimeException _) {
            return Optional.empty();
        }
    }

    private void hasEnded(String reason, Instant now) {
        if (Duration.between(started, now).compareTo(GOOD_RUN) >= 0) {
            delay = FIRST_DELAY;
        }
        why = reason;
        ended = now;
        nextTry = now.plus(delay);
        delay = delay.multipliedBy(2).compareTo(LONGEST_DELAY) < 0 ? delay.multipliedBy(2) : LONGEST_DELAY;
    }

    private void restart(Instant now) {
        if (closed) {
            return;
        }
        restarts++;
        started = now;
        nextTry = null;
        try {
            process.restart();
        } catch (RuntimeException e) {
            hasEnded(e.getMessage(), now);
        }
    }

    /** Starts it again without waiting for its time, if it has ended. */
    synchronized void hasten(Instant now) {
        tick(now);
        if (nextTry != null) {
            restart(now);
        }
    }

    /** From its return on the process is not started any more. */
    synchronized void close() {
        closed = true;
    }

    /** How often it was started again, and why the last time; empty when it never ended. */
    synchronized Optional<String> history() {
        if (ended == null) {
            return Optional.empty();
        }
        String next = nextTry == null ? "runs again" : "next try at " + CLOCK.format(nextTry);
        return Optional.of("%s: restarts %d, ended at %s (%s), %s"
                .formatted(process.name(), restarts, CLOCK.format(ended), why, next));
    }
}
