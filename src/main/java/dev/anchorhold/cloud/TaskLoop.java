package dev.anchorhold.cloud;

import dev.anchorhold.platform.VitalThread;
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
 * Runs tasks on one thread when they are due, one at a time, until it is closed. No exception ends it: a task that
 * failed is tried again later, ever more rarely, and the others go on (F29).
 */
public final class TaskLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TaskLoop.class);
    private static final Duration MAX_SLEEP = Duration.ofSeconds(5);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);
    private static final Duration MAX_DENIED = Duration.ofMinutes(5);

    private final String name;
    private final InstantSource clock;
    private final List<Task> tasks;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private boolean nudged;
    private volatile boolean closed;
    private volatile Instant lastTurn;
    private Thread thread;

    /** Something to do; {@code due} says from when on, empty for "nothing to do". */
    public static final class Task {
        private final String name;
        private final Supplier<Optional<Instant>> due;
        private final Runnable work;
        private Instant notBefore = Instant.MIN;
        private int failures;
        private int denials;
        private volatile CloudException lastFailure;

        public Task(String name, Supplier<Optional<Instant>> due, Runnable work) {
            this.name = name;
            this.due = due;
            this.work = work;
        }

        private Optional<Instant> next() {
            return due.get().map(when -> when.isBefore(notBefore) ? notBefore : when);
        }
    }

    public TaskLoop(String name, InstantSource clock, List<Task> tasks) {
        this.name = name;
        this.clock = clock;
        this.tasks = tasks;
        this.lastTurn = clock.instant();
    }

    public void start() {
        if (thread == null) thread = VitalThread.start(name, this::run);
    }

    /** Something may have become due earlier. */
    public void wake() {
        lock.lock();
        try {
            nudged = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The last failure of a task that still fails; empty if all succeeded the last time. */
    public Optional<CloudException> lastFailure() {
        return tasks.stream()
                .map(task -> task.lastFailure)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** When the loop last ran. */
    public Instant lastRun() {
        return lastTurn;
    }

    /** Runs everything that is due now, each task at most once; answers when the next one will be. */
    public Instant runDueTasks() {
        lastTurn = clock.instant();
        for (var task : tasks) if (!closed && isDue(task)) attempt(task);
        return tasks.stream()
                .flatMap(task -> task.next().stream())
                .min(Instant::compareTo)
                .orElse(clock.instant().plus(MAX_SLEEP));
    }

    private boolean isDue(Task task) {
        return task.next().filter(when -> !when.isAfter(clock.instant())).isPresent();
    }

    private void attempt(Task task) {
        try {
            task.work.run();
            task.failures = 0;
            task.denials = 0;
            task.lastFailure = null;
            task.notBefore = Instant.MIN;
        } catch (CloudException.RateLimited e) {
            // A read of several calls begins anew: were it tried for each call that the budget regains, it would spend
            // them all and never end.
            var wait = e.retryAfter().multipliedBy(1L << Math.clamp(++task.denials - 3, 0, 7));
            task.notBefore =
                    clock.instant().plus(longer(e.retryAfter(), wait.compareTo(MAX_DENIED) < 0 ? wait : MAX_DENIED));
            LOG.debugf("%s: %s waits for budget: %s", name, task.name, e.getMessage());
        } catch (CloudException e) {
            if (closed) return;
            failed(task);
            task.lastFailure = e;
            LOG.warnf("%s: %s failed (%d in a row): %s", name, task.name, task.failures, e.getMessage());
        } catch (Exception | StackOverflowError | AssertionError e) {
            failed(task);
            LOG.errorf(e, "%s: %s failed (%d in a row)", name, task.name, task.failures);
        }
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private void failed(Task task) {
        task.failures++;
        var backOff = Duration.ofMillis(Math.min(MAX_BACKOFF.toMillis(), 1000L << Math.min(task.failures, 10)));
        task.notBefore = clock.instant()
                .plusMillis(ThreadLocalRandom.current().nextLong(backOff.toMillis() / 2, backOff.toMillis()));
    }

    private void run() {
        while (!closed) {
            try {
                sleepUntil(runDueTasks());
            } catch (InterruptedException e) {
                // closed, or somebody's stray interrupt: the condition above shows which
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
            var latest = now.plus(MAX_SLEEP);
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
            // the loop's condition shows why
        }
    }

    @Override
    public void close() {
        closed = true;
        if (thread != null) thread.interrupt();
    }
}
