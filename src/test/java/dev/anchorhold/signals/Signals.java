package dev.anchorhold.signals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The chart's alerts and its dashboard, as the files of the checkout have them. */
final class Signals {
    static final Path ALERTS = Path.of("helm/anchorhold/files/alerts.yaml");
    static final Path DASHBOARD = Path.of("helm/anchorhold/files/dashboard.json");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Signals() {}

    static JsonNode yaml(Path file) {
        try {
            return YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonNode> alerts() {
        List<JsonNode> alerts = new ArrayList<>();
        yaml(ALERTS).get("groups").forEach(group -> group.get("rules").forEach(alerts::add));
        return alerts;
    }

    static List<JsonNode> panels() {
        List<JsonNode> panels = new ArrayList<>();
        yaml(DASHBOARD).get("panels").forEach(panels::add);
        return panels;
    }

    /** All that is asked of Prometheus, by who asks. */
    static Map<String, String> queries() {
        Map<String, String> queries = new LinkedHashMap<>();
        alerts().forEach(it ->
                queries.put("alert " + it.get("alert").asText(), it.get("expr").asText()));
        panels().forEach(panel -> panel.path("targets")
                .forEach(it -> queries.put(
                        "panel %s, %s"
                                .formatted(
                                        panel.get("title").asText(),
                                        it.get("refId").asText()),
                        it.get("expr").asText())));
        return queries;
    }
}
