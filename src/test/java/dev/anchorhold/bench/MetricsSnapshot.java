package dev.anchorhold.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Counters in Prometheus' text format, as they stood at one instant. */
record MetricsSnapshot(Map<Sample, Double> values) {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:]+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    record Sample(String name, Map<String, String> labels) {
        String label(String name) {
            return labels.getOrDefault(name, "");
        }
    }

    static MetricsSnapshot parse(String text) {
        Map<Sample, Double> values = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).map(LINE::matcher).forEach(line -> {
            if (!line.matches()) return;
            Map<String, String> labels = new TreeMap<>();
            if (line.group(2) != null) {
                LABEL.matcher(line.group(2)).results().forEach(it -> labels.put(it.group(1), it.group(2)));
            }
            values.merge(new Sample(line.group(1), labels), Double.valueOf(line.group(3)), Double::sum);
        });
        return new MetricsSnapshot(values);
    }

    /** What was added since. */
    MetricsSnapshot since(MetricsSnapshot before) {
        Map<Sample, Double> added = new HashMap<>();
        values.forEach((sample, value) -> added.put(sample, value - before.values.getOrDefault(sample, 0.0)));
        return new MetricsSnapshot(added);
    }

    long sum(Predicate<Sample> which) {
        return Math.round(values.entrySet().stream()
                .filter(it -> which.test(it.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .sum());
    }

    long sum(String name) {
        return sum(sample -> sample.name.equals(name));
    }

    /** Sums by a key; those that are 0 are left out. */
    Map<String, Integer> by(Predicate<Sample> which, Function<Sample, String> key) {
        Map<String, Integer> sums = new TreeMap<>();
        values.forEach((sample, value) -> {
            if (which.test(sample) && value != 0) sums.merge(key.apply(sample), (int) Math.round(value), Integer::sum);
        });
        return sums;
    }
}
