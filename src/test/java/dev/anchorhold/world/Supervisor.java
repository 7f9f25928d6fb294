package dev.anchorhold.world;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps the processes of parts running: whichever ends by itself is started again, by the policy of {@link SupervisedProcess}. */
final class Supervisor implements AutoCloseable {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Map<WorldPart, List<SupervisedProcess>> watched = new ConcurrentHashMap<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** From now on; each process on a thread of its own, since one may take long to start. */
    void watch(WorldPart part) {
        List<SupervisedProcess> processes = part.processes().stream()
                .map(it -> new SupervisedProcess(it, Instant.now()))
                .toList();
        watched.put(part, processes);
        processes.forEach(it -> threads.add(Thread.ofVirtual().start(() -> keepRunning(it))));
    }

    private void keepRunning(SupervisedProcess process) {
        try {
            do {
                process.tick(Instant.now());
            } while (!closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts again at once what has ended and waits for its time. */
    void hasten() {
        watched.values().forEach(all -> all.forEach(it -> it.hasten(Instant.now())));
    }

    /** What happened to the part's processes, a line each; none when nothing did. */
    List<String> history(WorldPart part) {
        return watched.getOrDefault(part, List.of()).stream()
                .map(SupervisedProcess::history)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Waits until the part is well; what ends meanwhile is started again. */
    void awaitWell(WorldPart part, Duration limit) {
        Instant end = Instant.now().plus(limit);
        while (!part.health().healthy()) {
            if (Instant.now().isAfter(end)) {
                throw new WorldFailure("%s was not ready after %d s: %s%n%s"
                        .formatted(
                                part.name(),
                                limit.toSeconds(),
                                part.health().detail(),
                                String.join("\n", history(part))));
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorldFailure("Interrupted while waiting for " + part.name(), e);
            }
        }
    }

    /** Returns when no process is started any more: then they can be stopped. */
    @Override
    public void close() {
        closed.countDown();
        watched.values().forEach(all -> all.forEach(SupervisedProcess::close));
        for (Thread it : threads) {
            try {
                it.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
