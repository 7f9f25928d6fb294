package dev.anchorhold.cloud;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Does chores when they are due, one at a time, until it is closed. No exception ends it: a chore that failed is tried again later, ever
 * more rarely, and the others go on (F29).
 */
public final class Loop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Loop.class);
    private static final Duration LONGEST_NAP = Duration.ofSeconds(5);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);

    private final String name;
    private final InstantSource clock;
    private final List<Chore> chores;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private boolean nudged;
    private volatile boolean closed;
    private volatile Instant lastTurn;
    private Thread thread;

    /** Something to do; {@code due} says from when on, empty for "nothing to do". */
    public static final class Chore {
        private final String name;
        private final Supplier<Optional<Instant>> due;
        private final Runnable work;
        private Instant notBefore = Instant.MIN;
        private int failures;
        private volatile CloudException lastFailure;

        public Chore(String name, Supplier<Optional<Instant>> due, Runnable work) {
            this.name = name;
            this.due = due;
            this.work = work;
        }

        private Optional<Instant> next() {
            return due.get().map(when -> when.isBefore(notBefore) ? notBefore : when);
        }
    }

    public Loop(String name, InstantSource clock, List<Chore> chores) {
        this.name = name;
        this.clock = clock;
        this.chores = chores;
        this.lastTurn = clock.instant();
    }

    public void start() {
        if (thread == null) thread = Thread.ofVirtual().name(name).start(this::run);
    }

    /** Something may have become due earlier. */
    public void nudge() {
        lock.lock();
        try {
            nudged = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Why a chore cannot be done now; empty if all went well the last time. */
    public Optional<CloudException> lastFailure() {
        return chores.stream()
                .map(chore -> chore.lastFailure)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** When the loop last came round. */
    public Instant lastTurn() {
        return lastTurn;
    }

    /** Does everything that is due now, each chore at most once; answers when the next one will be. */
    public Instant turn() {
        lastTurn = clock.instant();
        for (var chore : chores) if (!closed && isDue(chore)) attempt(chore);
        return chores.stream()
                .flatMap(chore -> chore.next().stream())
                .min(Instant::compareTo)
                .orElse(clock.instant().plus(LONGEST_NAP));
    }

    private boolean isDue(Chore chore) {
        return chore.next().filter(when -> !when.isAfter(clock.instant())).isPresent();
    }

    private void attempt(Chore chore) {
        try {
            chore.work.run();
            chore.failures = 0;
            chore.lastFailure = null;
            chore.notBefore = Instant.MIN;
        } catch (CloudException.RateLimited e) {
            chore.notBefore = clock.instant().plus(e.retryAfter());
            LOG.debugf("%s: %s waits for budget: %s", name, chore.name, e.getMessage());
        } catch (CloudException e) {
            if (closed) return;
            failed(chore);
            chore.lastFailure = e;
            LOG.warnf("%s: %s failed (%d in a row): %s", name, chore.name, chore.failures, e.getMessage());
        } catch (Exception | StackOverflowError | AssertionError e) {
            failed(chore);
            LOG.errorf(e, "%s: %s failed (%d in a row)", name, chore.name, chore.failures);
        }
    }

    private void failed(Chore chore) {
        chore.failures++;
        var backOff = Duration.ofMillis(Math.min(LONGEST_BACK_OFF.toMillis(), 1000L << Math.min(chore.failures, 10)));
        chore.notBefore = clock.instant()
                .plusMillis(ThreadLocalRandom.current().nextLong(backOff.toMillis() / 2, backOff.toMillis()));
    }

    private void run() {
        while (!closed) {
            try {
                sleepUntil(turn());
            } catch (InterruptedException e) {
                // closed, or somebody's stray interrupt: the condition above tells
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s: a turn failed", name);
                pause();
            }
        }
    }

    private void sleepUntil(Instant next) throws InterruptedException {
        lock.lock();
        try {
            var now = clock.instant();
            var latest = now.plus(LONGEST_NAP);
            long nanos = Duration.between(now, next.isBefore(now) ? now : next.isAfter(latest) ? latest : next)
                    .toNanos();
            while (!nudged && !closed && nanos > 0) nanos = woken.awaitNanos(nanos);
            nudged = false;
        } finally {
            lock.unlock();
        }
    }

    private void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            // the loop's condition tells
        }
    }

    @Override
    public void close() {
        closed = true;
        if (thread != null) thread.interrupt();
    }
}
