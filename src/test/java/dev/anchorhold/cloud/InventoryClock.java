package dev.anchorhold.cloud;

import dev.anchorhold.sim.cloud.SimulatorClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Clock of a simulated cloud and of an inventory of it, which only the test moves. */
public record InventoryClock(SimulatorClock.Manual clock, Supplier<? extends Inventory> inventory) {

    /** Lets time pass, and run the inventory's loop whenever something is due. */
    public void pass(Duration time) {
        var end = clock.now().plus(time);
        for (var next = turn(); clock.now().isBefore(end); next = turn()) advance(next, end);
    }

    /** Lets time pass until this holds; answers how long that took. */
    public Duration passUntil(BooleanSupplier holds) {
        var began = clock.now();
        var end = began.plus(Duration.ofHours(3));
        turn();
        while (!holds.getAsBoolean()) {
            if (!clock.now().isBefore(end)) throw new AssertionError("it never came to that");
            advance(turn(), end); // asking may have made something due
            turn();
        }
        return Duration.between(began, clock.now());
    }

    private Instant turn() {
        return inventory.get().runDueTasks();
    }

    private void advance(Instant next, Instant end) {
        var by = Duration.between(clock.now(), next.isBefore(end) ? next : end);
        clock.advance(by.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : by);
    }

    /** The calls of an hour in which nothing happens, by purpose. */
    public TreeMap<String, Integer> callsInAnHour(MeterRegistry meters) {
        meters.clear();
        pass(Duration.ofHours(1));
        var calls = new TreeMap<String, Integer>();
        meters.find("anchorhold.cloud.calls")
                .counters()
                .forEach(
                        counter -> calls.merge(counter.getId().getTag("purpose"), (int) counter.count(), Integer::sum));
        return calls;
    }
}
