package dev.anchorhold.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenAPI document that a companion serves, to everybody. */
class OpenApiTest {

    private static JsonNode document;

    @BeforeAll
    static void read() throws Exception {
        document = BooksTestEnvironment.json(get("/api/openapi?format=JSON"));
    }

    private static String get(String path) throws Exception {
        try (InputStream response = URI.create(
                        BooksTestEnvironment.shared().companion.uri() + path)
                .toURL()
                .openStream()) {
            return new String(response.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void every_call_is_in_it() {
        Set<String> served = new ClassFileImporter()
                .importPackages("dev.anchorhold.api").stream()
                        .filter(it -> it.isAnnotatedWith(Path.class))
                        .flatMap(it -> it.getMethods().stream())
                        .filter(it -> it.isAnnotatedWith(GET.class))
                        .map(OpenApiTest::path)
                        .collect(Collectors.toSet());

        assertThat(served).contains("/api/periods", "/api/audit-events/{index}");
        assertThat(names(document.get("paths"))).containsAll(served);
    }

    private static String path(JavaMethod method) {
        String base = method.getOwner().getAnnotationOfType(Path.class).value();
        return method.tryGetAnnotationOfType(Path.class)
                .map(it -> base + "/" + it.value())
                .orElse(base);
    }

    @Test
    void nothing_is_in_it_that_is_not_for_everybody() throws Exception {
        assertThat(names(document.get("paths"))).allMatch(it -> it.startsWith("/api/") || it.startsWith("/log/"));
        assertThat(get("/api/openapi")).startsWith("---").doesNotContain("/internal", "/guest");
    }

    @Test
    void each_call_says_who_may_what_it_takes_and_how_it_refuses() {
        assertThat(document.get("openapi").asText()).startsWith("3.");
        for (var path : document.get("paths").properties()) {
            for (JsonNode call : path.getValue()) {
                if (!path.getKey().startsWith("/api/")) continue;
                assertThat(call.path("summary").asText()).as(path.getKey()).isNotEmpty();
                assertThat(call.at("/security/0/token").isArray()).isTrue();
                assertThat(names(call.get("responses")))
                        .contains("400", "401", "403", "404", "503")
                        .containsAnyOf("200", "201", "204");
                assertThat(call.at("/responses/404/content").has("application/problem+json"))
                        .isTrue();
                assertThat(call.path("parameters"))
                        .allMatch(it -> !it.path("description").asText().isEmpty());
            }
        }
    }

    @Test
    void all_that_it_refers_to_is_in_it() {
        List<String> references = new ArrayList<>();
        document.findValues("$ref").forEach(it -> references.add(it.asText()));
        assertThat(references)
                .isNotEmpty()
                .allMatch(it ->
                        it.startsWith("#/") && !document.at(it.substring(1)).isMissingNode());
    }

    private static Set<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }
}
