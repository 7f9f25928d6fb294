package dev.anchorhold.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rows that tests are named after can be looked up in {@code docs/failures.md}. */
class FailureReferencesTest {
    private static final Pattern TEST = Pattern.compile("void ((?:F\\d{2,3}_)+)");
    private static final Pattern NUMBER = Pattern.compile("F\\d{2,3}");

    @Test
    void each_row_that_a_test_is_named_after_is_on_the_page() throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> tests = Files.walk(Path.of("src/test/java"))) {
            tests.filter(f -> f.toString().endsWith("Test.java"))
                    .flatMap(f -> TEST.matcher(read(f)).results())
                    .flatMap(m -> NUMBER.matcher(m.group(1)).results())
                    .map(MatchResult::group)
                    .forEach(named::add);
        }
        String page = read(Path.of("docs/failures.md"));
        assertThat(named).isNotEmpty().allSatisfy(row -> assertThat(page).contains("| " + row + " |"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
