package dev.anchorhold.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** The pages of {@code docs/} that the dashboard has, as HTML and as they are written: one source for both, which comes with the product. */
final class Documentation {
    static final String PATH = DashboardFilter.HOME + "docs/";

    private static final String FOLDER = "/dashboard/docs/";

    /** In the order in which one would read. */
    private static final Map<String, List<String>> CHAPTERS = new LinkedHashMap<>();

    static {
        CHAPTERS.put("Start here", List.of("dashboard", "concepts"));
        CHAPTERS.put("Agents and PlainVms", List.of("agent", "plainvm", "reference", "failure-modes"));
        CHAPTERS.put("Security", List.of("isolation-agents", "isolation-plain-vms", "security", "door"));
        CHAPTERS.put("Books and log", List.of("books", "log", "verify-log"));
        CHAPTERS.put("Running it", List.of("operations", "metrics", "performance"));
    }

    private static final List<Extension> EXTENSIONS =
            List.of(TablesExtension.create(), HeadingAnchorExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final HtmlRenderer RENDERER = HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .sanitizeUrls(true)
            .attributeProviderFactory(_ -> (node, _, attributes) -> {
                if (node instanceof Link link) {
                    address(link.getDestination())
                            .ifPresentOrElse(it -> attributes.put("href", it), () -> attributes.remove("href"));
                }
            })
            .build();

    private static final Pattern PAGE = Pattern.compile("([a-z-]+)[.]md(#.*)?");

    private static final Map<String, Document> DOCUMENTS = new LinkedHashMap<>();

    static {
        CHAPTERS.values().forEach(names -> names.forEach(it -> DOCUMENTS.put(it, Document.read(it))));
    }

    private Documentation() {}

    /**
     * A page.
     *
     * @param name of its file, without the ending
     * @param html what is rendered of it
     */
    record Document(String name, String title, String markdown, String html) {

        private static Document read(String name) {
            String markdown = new String(content(name + ".md").orElseThrow(), StandardCharsets.UTF_8);
            Node tree = PARSER.parse(markdown);
            return new Document(name, title(tree), markdown, RENDERER.render(tree));
        }

        private static String title(Node tree) {
            Node it = tree.getFirstChild();
            while (!(it instanceof Heading)) {
                it = it.getNext();
            }
            return ((Text) it.getFirstChild()).getLiteral();
        }
    }

    /** Some pages under a common title. */
    record Chapter(String title, List<Document> documents) {}

    static List<Chapter> chapters() {
        return CHAPTERS.entrySet().stream()
                .map(it -> new Chapter(
                        it.getKey(), it.getValue().stream().map(DOCUMENTS::get).toList()))
                .toList();
    }

    static Optional<Document> find(String name) {
        return Optional.ofNullable(DOCUMENTS.get(name));
    }

    /** A picture of the pages. */
    static Optional<byte[]> picture(String name) {
        return Arrays.asList("picture", "inventory", "agent").contains(name)
                ? content(name + ".svg")
                : Optional.empty();
    }

    /** Where a link of a page leads to in the dashboard; empty when what it names is only in the sources. */
    private static Optional<String> address(String destination) {
        if (destination.startsWith("#") || destination.startsWith("https://")) {
            return Optional.of(destination);
        }
        Matcher page = PAGE.matcher(destination);
        boolean known = page.matches() && CHAPTERS.values().stream().anyMatch(names -> names.contains(page.group(1)));
        return known
                ? Optional.of(PATH
                        + page.group(1)
                        + Optional.ofNullable(page.group(2)).orElse(""))
                : Optional.empty();
    }

    private static Optional<byte[]> content(String file) {
        try (InputStream in = Documentation.class.getResourceAsStream(FOLDER + file)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
