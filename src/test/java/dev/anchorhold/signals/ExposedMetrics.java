package dev.anchorhold.signals;

import dev.anchorhold.world.ProductProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The metrics that a role exposes at one instant, in Prometheus' text format.
 *
 * @param types of each family, by its name
 * @param samples each series with its value
 */
record ExposedMetrics(Map<String, String> types, List<Sample> samples) {
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    record Sample(String name, Map<String, String> labels, double value) {
        String label(String name) {
            return labels.getOrDefault(name, "");
        }
    }

    static ExposedMetrics of(ProductProcess role) {
        try (var http = HttpClient.newHttpClient()) {
            var uri = role.managementUri().resolve("/q/metrics");
            return parse(http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static ExposedMetrics parse(String text) {
        Map<String, String> types = new TreeMap<>();
        List<Sample> samples = new ArrayList<>();
        for (String line : text.lines().toList()) {
            var type = TYPE.matcher(line);
            var sample = SAMPLE.matcher(line);
            if (type.matches()) {
                types.put(type.group(1), type.group(2));
            } else if (sample.matches()) {
                Map<String, String> labels = new TreeMap<>();
                if (sample.group(2) != null) {
                    LABEL.matcher(sample.group(2)).results().forEach(it -> labels.put(it.group(1), it.group(2)));
                }
                samples.add(new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3))));
            }
        }
        return new ExposedMetrics(named(types, samples), samples);
    }

    /** In OpenMetrics a counter's family is named without what its series end in. */
    private static Map<String, String> named(Map<String, String> types, List<Sample> samples) {
        Map<String, String> named = new TreeMap<>();
        types.forEach((name, type) -> named.put(
                samples.stream().anyMatch(it -> it.name.equals(name + "_total")) ? name + "_total" : name, type));
        return named;
    }

    /** Of two roles together. */
    ExposedMetrics and(ExposedMetrics other) {
        Map<String, String> all = new TreeMap<>(types);
        all.putAll(other.types);
        return new ExposedMetrics(
                all, Stream.concat(samples.stream(), other.samples.stream()).toList());
    }

    /** Labels that any series of that name has; empty when there is no such series. */
    Set<String> labels(String name) {
        Set<String> labels = new TreeSet<>();
        series(name).forEach(it -> labels.addAll(it.labels.keySet()));
        return labels;
    }

    Stream<Sample> series(String name) {
        return samples.stream().filter(it -> it.name.equals(name));
    }

    /** The labels of a family, whose series may be named with {@code _count}, {@code _sum}, {@code _max} behind it. */
    Set<String> familyLabels(String family) {
        Set<String> labels = new TreeSet<>();
        Stream.of("", "_count", "_sum").forEach(it -> labels.addAll(labels(family + it)));
        return labels;
    }

    double sum(String name, String... labels) {
        return series(name)
                .filter(it -> {
                    for (int i = 0; i < labels.length; i += 2) {
                        if (!it.label(labels[i]).equals(labels[i + 1])) {
                            return false;
                        }
                    }
                    return true;
                })
                .mapToDouble(Sample::value)
                .sum();
    }
}
