package dev.anchorhold.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every claim of the pages on isolation and security names the test that guards it, and that test is there. */
class ClaimsTest {
    private static final Pattern TEST = Pattern.compile("void ([A-Za-z0-9_]+)\\(");
    /** A method's name, or a class's. {@code H06_…} stands for all that begin so. */
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z0-9]+_[A-Za-z0-9_]*(?:…)?|[A-Z][A-Za-z0-9]+Test)`");

    private static final Set<String> TESTS = tests();

    private static Set<String> tests() {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.filter(it -> it.toString().endsWith("Test.java"))
                    .flatMap(it -> Stream.concat(
                            Stream.of(it.getFileName().toString().replace(".java", "")),
                            TEST.matcher(read(it)).results().map(found -> found.group(1))))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> named(String text) {
        return NAMED.matcher(text)
                .results()
                .map((MatchResult it) -> it.group(1))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"isolation-agents", "isolation-plain-vms"})
    void each_claim_names_a_test(String page) {
        List<String> claims = read(Path.of("docs/" + page + ".md"))
                .lines()
                .filter(it -> it.startsWith("| ") && !it.startsWith("| claim"))
                .toList();
        assertThat(claims)
                .hasSizeGreaterThan(8)
                .allSatisfy(it -> assertThat(named(it)).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"isolation-agents", "isolation-plain-vms", "security"})
    void each_test_that_is_named_is_there(String page) {
        assertThat(named(read(Path.of("docs/" + page + ".md"))))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(TESTS)
                        .anyMatch(it -> name.endsWith("…") ? it.startsWith(name.replace("…", "")) : it.equals(name)));
    }
}
