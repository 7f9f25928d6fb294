package dev.anchorhold.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A bench's results as a table: a column for each run, a line for each figure. */
final class ResultTable {
    private final String bench;
    private final Map<String, Map<String, Object>> columns = new LinkedHashMap<>();

    ResultTable(String bench) {
        this.bench = bench;
    }

    void column(String title, Map<String, Object> figures) {
        columns.put(title, figures);
    }

    /** As Markdown. A figure that a run does not have is left empty. */
    String table() {
        List<String> lines = columns.values().stream()
                .flatMap(it -> it.keySet().stream())
                .distinct()
                .toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> titles = new ArrayList<>(List.of(""));
        titles.addAll(columns.keySet());
        rows.add(titles);
        for (String line : lines) {
            List<String> row = new ArrayList<>(List.of(line));
            columns.values().forEach(it -> row.add(text(it.getOrDefault(line, ""))));
            rows.add(row);
        }
        rows.add(1, titles.stream().map(_ -> "---").toList());
        return rows.stream().map(row -> "| " + String.join(" | ", row) + " |").collect(Collectors.joining("\n"));
    }

    private static String text(Object figure) {
        return switch (figure) {
            case Double d -> "%.2f".formatted(d);
            case Map<?, ?> m when m.isEmpty() -> "0";
            case Map<?, ?> m ->
                m.entrySet().stream()
                        .map(it -> it.getValue() + " " + it.getKey())
                        .collect(Collectors.joining(", "));
            default -> figure.toString();
        };
    }

    /** Prints the table and writes {@code target/bench/NAME.json}. */
    void publish() {
        System.out.println(machine() + "\n\n" + table());
        var file = Path.of("target", "bench", bench + ".json");
        try {
            Files.createDirectories(file.getParent());
            new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(file.toFile(), Map.of("machine", machine(), "runs", columns));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        System.out.println("\n" + file);
    }

    private static String machine() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return "%s, %s: %d cores (%s), JDK %s, load %.1f"
                .formatted(
                        Instant.now().truncatedTo(ChronoUnit.MINUTES),
                        system.getName(),
                        system.getAvailableProcessors(),
                        processor(),
                        Runtime.version().feature(),
                        system.getSystemLoadAverage());
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(it -> it.startsWith("model name"))
                    .findFirst()
                    .map(it -> it.substring(it.indexOf(':') + 1).strip())
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
