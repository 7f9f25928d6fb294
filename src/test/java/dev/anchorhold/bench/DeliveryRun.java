package dev.anchorhold.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * The times of a number of deliveries, sent and acknowledged.
 *
 * @param waits of each delivery, from its first byte to its acknowledgement
 * @param costs other durations: processor time, by whose it was
 */
record DeliveryRun(int entries, Duration lasted, List<Duration> waits, Map<String, Duration> costs) {

    /** @param deliver sends one, and returns when it is acknowledged */
    static <D> DeliveryRun of(List<List<D>> lanes, int entriesEach, Consumer<D> deliver) {
        List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
        List<Future<?>> ends = new ArrayList<>();
        long began = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<D> lane : lanes) {
                ends.add(threads.submit(() -> lane.forEach(it -> {
                    long sent = System.nanoTime();
                    deliver.accept(it);
                    waits.add(Duration.ofNanos(System.nanoTime() - sent));
                })));
            }
        }
        var lasted = Duration.ofNanos(System.nanoTime() - began);
        for (Future<?> end : ends) {
            if (end.state() == Future.State.FAILED) {
                throw new IllegalStateException(end.exceptionNow());
            }
        }
        return new DeliveryRun(waits.size() * entriesEach, lasted, List.copyOf(waits), Map.of());
    }

    DeliveryRun with(Map<String, Duration> costs) {
        return new DeliveryRun(entries, lasted, waits, costs);
    }

    double perSecond() {
        return entries / (lasted.toNanos() / 1e9);
    }
}
