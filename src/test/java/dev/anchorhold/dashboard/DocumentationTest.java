package dev.anchorhold.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.dashboard.Documentation.Chapter;
import dev.anchorhold.dashboard.Documentation.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documentation that comes with the dashboard is that of the sources. */
class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("<a href=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile(" id=\"([^\"]*)\"");
    private static final Pattern PICTURE = Pattern.compile("<img src=\"([a-z]+)[.]svg\"");

    static Stream<Document> documents() {
        return Documentation.chapters().stream().map(Chapter::documents).flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void a_page_is_as_it_is_written_and_each_of_its_links_leads_somewhere(Document it) throws IOException {
        assertThat(it.markdown()).isEqualTo(Files.readString(Path.of("docs/" + it.name() + ".md")));
        assertThat(it.html()).contains("<h1 ").doesNotContain("<script", "javascript:");
        LINK.matcher(it.html())
                .results()
                .map(found -> found.group(1))
                .forEach(link -> assertThat(link)
                        .satisfiesAnyOf(
                                external -> assertThat(external).startsWith("https://"),
                                anchor -> assertThat(ids(anchor.startsWith("#") ? it : null))
                                        .contains(anchor.replace("#", "")),
                                page -> {
                                    String[] parts = page.split("#");
                                    Document other = Documentation.find(parts[0].replace(Documentation.PATH, ""))
                                            .orElseThrow();
                                    assertThat(parts.length == 1 || ids(other).contains(parts[1]))
                                            .isTrue();
                                }));
        PICTURE.matcher(it.html())
                .results()
                .forEach(found ->
                        assertThat(Documentation.picture(found.group(1))).isPresent());
    }

    private static List<String> ids(Document it) {
        return it == null
                ? List.of()
                : ID.matcher(it.html()).results().map(found -> found.group(1)).toList();
    }

    @Test
    void no_page_stands_twice() {
        assertThat(documents().map(Document::name)).doesNotHaveDuplicates();
    }
}
