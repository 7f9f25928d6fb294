package dev.anchorhold.signals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tables of docs/metrics.md. */
final class MetricsPage {
    static final Path FILE = Path.of("docs/metrics.md");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private MetricsPage() {}

    /** A row: {@code | `name` | type | `label`, `label` | role | meaning |}. */
    record Row(String name, String type, Set<String> labels, String role) {}

    /** Of our own metrics. */
    static List<Row> rows() {
        return lines().filter(it -> it.startsWith("| `anchorhold_"))
                .map(it -> Arrays.stream(it.split("[|]")).map(String::strip).toList())
                .map(it -> new Row(code(it.get(1)).iterator().next(), it.get(2), code(it.get(3)), it.get(4)))
                .toList();
    }

    /** What the names of the libraries' metrics begin with. */
    static Set<String> prefixes() {
        return lines().filter(it -> it.matches("\\| `[a-z]+_\\*`.*"))
                .flatMap(it -> code(it.split("[|]")[1]).stream())
                .map(it -> it.substring(0, it.length() - 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static java.util.stream.Stream<String> lines() {
        try {
            return Files.readString(FILE).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> code(String cell) {
        return CODE.matcher(cell).results().map(it -> it.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
