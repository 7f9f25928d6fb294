package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Passes calls to the guest driver: for one server one after another, for different servers in parallel, never under
 * the state's lock.
 */
final class GuestDispatcher implements AutoCloseable {
    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final GuestDriver driver;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Long, CompletableFuture<Void>> queues = new HashMap<>();

    GuestDispatcher(GuestDriver driver) {
        this.driver = driver;
    }

    /**
     * Completes when the driver has done it; exceptionally when it could not. A failure does not stop later calls.
     *
     * @param serverId or the volume's id where it has no server: no two rows have the same
     */
    synchronized CompletableFuture<Void> run(long serverId, Consumer<GuestDriver> work) {
        if (driver instanceof NoGuests) return DONE;
        var before = queues.getOrDefault(serverId, DONE);
        var done = before.handleAsync(
                (_, _) -> {
                    work.accept(driver);
                    return (Void) null;
                },
                threads);
        queues.put(serverId, done);
        done.whenComplete((_, _) -> forget(serverId, done));
        return done;
    }

    private synchronized void forget(long serverId, CompletableFuture<Void> done) {
        queues.remove(serverId, done);
    }

    void whenOff(LongConsumer listener) {
        driver.whenOff(listener);
    }

    /** Runs a command in the guest at once, beside the queue. */
    String runCommand(long serverId, String... words) {
        return driver.run(serverId, words);
    }

    String describe(long serverId) {
        return driver.describe(serverId);
    }

    @Override
    public void close() {
        threads.close();
        driver.close();
    }
}
