package dev.anchorhold.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The median, the 95th percentile and the maximum of many durations, in seconds. */
record Percentiles(double p50, double p95, double max) {

    static Percentiles of(List<Duration> all) {
        var sorted = all.stream().sorted().toList();
        return new Percentiles(at(sorted, 0.5), at(sorted, 0.95), at(sorted, 1));
    }

    /** Nearest rank. */
    private static double at(List<Duration> sorted, double share) {
        return seconds(sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1)));
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    void into(Map<String, Object> figures, String what) {
        figures.put(what + ", p50 s", p50);
        figures.put(what + ", p95 s", p95);
    }
}
