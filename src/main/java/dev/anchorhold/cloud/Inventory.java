package dev.anchorhold.cloud;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.search.Search;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Base of the cached view of a cloud that a background loop keeps current. Reading it costs no call and never blocks.
 */
public abstract class Inventory implements AutoCloseable {
    protected final InventoryContext context;
    private final MeterRegistry meters;
    private final Tags tags;
    private TaskLoop loop;

    /**
     * @param cloud a label of the metrics
     * @param provider the ProviderConfig's name, another one
     */
    protected Inventory(InventoryContext inventoryContext, String cloud, String provider, MeterRegistry meters) {
        this.context = inventoryContext;
        this.meters = meters;
        this.tags = Tags.of("cloud", cloud, "provider", provider);
    }

    /** The last step of its making: what the loop has to do, in this order, and since when all that is known was seen, under the lock. */
    protected final void schedule(String name, List<TaskLoop.Task> tasks, Supplier<Instant> asOf) {
        loop = new TaskLoop(name, context::now, tasks);
        gauge("anchorhold.inventory.age.seconds", () -> seconds(context.locked(asOf)));
        gauge("anchorhold.inventory.loop.age.seconds", () -> seconds(loop.lastRun()));
    }

    protected final void gauge(String name, Supplier<Double> value) {
        Gauges.put(meters, name, tags, value, Supplier::get);
    }

    private double seconds(Instant since) {
        return Duration.between(since, context.now()).toMillis() / 1e3;
    }

    /** Starts the loop. Until its first complete lists everything is {@code Unknown}. */
    public final void start() {
        loop.start();
    }

    @Override
    public final void close() {
        loop.close();
        Search.in(meters).tags(tags).meters().forEach(meters::remove); // a ProviderConfig that is gone leaves no series
    }

    /** For tests that own the clock: what the loop does in one turn. Answers when the next is due. */
    public final Instant runDueTasks() {
        return loop.runDueTasks();
    }

    /** Something may have become due earlier. */
    protected final void wake() {
        loop.wake();
    }

    /** Why the loop's calls fail now; empty if they do not. */
    public final Optional<CloudException> lastFailure() {
        return loop.lastFailure();
    }

    /**
     * Called with a uid whenever anything known of it changed, also when {@code Unknown} ends; with an empty one when that was an object
     * without a uid, a shared firewall. From any thread; must be quick.
     */
    public final void onChange(Consumer<String> listener) {
        context.onChange(listener);
    }
}
