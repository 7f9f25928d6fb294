package dev.anchorhold.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/failure-modes.md} explains every condition and reason that the operator writes, and names no other. */
class FailureModesTest {
    private static final Path PAGE = Path.of("docs/failure-modes.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\|(.*)$");

    @Test
    void every_condition_and_reason_is_explained_once_and_no_other() throws IOException {
        List<String> rows = ROW.matcher(Files.readString(PAGE))
                .results()
                .map(m -> m.group(1))
                .toList();

        assertThat(rows).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(constants());
    }

    @Test
    void no_explanation_is_empty() throws IOException {
        assertThat(ROW.matcher(Files.readString(PAGE)).results().map(m -> m.group(2)))
                .allSatisfy(cells -> assertThat(cells.split("\\|"))
                        .allSatisfy(cell -> assertThat(cell).isNotBlank()));
    }

    @Test
    void no_reason_is_promised_that_nothing_writes() throws IOException {
        String sources;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            sources = files.filter(f -> f.toString().endsWith(".java") && !f.endsWith("Reasons.java"))
                    .map(FailureModesTest::read)
                    .collect(Collectors.joining());
        }
        assertThat(Arrays.stream(Reasons.class.getFields()).map(Field::getName))
                .allSatisfy(name -> assertThat(sources).containsPattern("\\b" + name + "\\b"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> constants() {
        return Arrays.stream(Reasons.class.getFields())
                .map(FailureModesTest::value)
                .toList();
    }

    private static String value(Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
