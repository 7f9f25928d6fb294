package dev.anchorhold.cloud;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;

/**
 * Registers Micrometer gauges that a newer owner replaces: a ProviderConfig changed at run time gets a new client, and
 * Micrometer would keep the old one's.
 */
public final class Gauges {
    private Gauges() {}

    public static <T> void put(MeterRegistry meters, String name, Tags tags, T owner, ToDoubleFunction<T> value) {
        remove(meters, name, tags);
        Gauge.builder(name, owner, value).tags(tags).strongReference(true).register(meters);
    }

    public static void remove(MeterRegistry meters, String name, Tags tags) {
        var old = meters.find(name).tags(tags).gauge();
        if (old != null) meters.remove(old);
    }
}
