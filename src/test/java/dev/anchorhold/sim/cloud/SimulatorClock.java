package dev.anchorhold.sim.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The simulator's clock and timers. Tests that control time take {@link Manual}. */
public sealed interface SimulatorClock extends AutoCloseable {

    Instant now();

    /** Runs the task at or soon after that instant, on a thread of the clock's; never before this call has returned. */
    void at(Instant when, Runnable task);

    @Override
    void close();

    static SimulatorClock system() {
        return new Wall();
    }

    static Manual manual(Instant start) {
        return new Manual(start);
    }

    /** The system clock. */
    final class Wall implements SimulatorClock {
        private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("simulator-timers").factory());

        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public void at(Instant when, Runnable task) {
            if (timers.isShutdown()) return;
            timers.schedule(task, Math.max(0, Duration.between(now(), when).toMillis()), TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            timers.shutdownNow();
        }
    }

    /** Time that stands still until it is advanced by hand; due tasks then run in order, each at its own instant. */
    final class Manual implements SimulatorClock {
        private record Task(Instant when, long order, Runnable work) implements Comparable<Task> {
            @Override
            public int compareTo(Task other) {
                int byTime = when.compareTo(other.when);
                return byTime != 0 ? byTime : Long.compare(order, other.order);
            }
        }

        private final PriorityQueue<Task> tasks = new PriorityQueue<>();
        private Instant now;
        private long order;

        private Manual(Instant start) {
            now = start;
        }

        @Override
        public synchronized Instant now() {
            return now;
        }

        @Override
        public synchronized void at(Instant when, Runnable task) {
            tasks.add(new Task(when, order++, task));
        }

        public void advance(Duration by) {
            Instant until = now().plus(by);
            for (Task task = next(until); task != null; task = next(until)) {
                task.work().run();
            }
            synchronized (this) {
                now = until;
            }
        }

        private synchronized Task next(Instant until) {
            if (tasks.isEmpty() || tasks.peek().when().isAfter(until)) return null;
            Task task = tasks.poll();
            if (task.when().isAfter(now)) now = task.when();
            return task;
        }

        @Override
        public synchronized void close() {
            tasks.clear();
        }
    }
}
