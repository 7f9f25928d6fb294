package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.world.ChartReadme.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Tests that the chart's README, its values and their schema say the same. */
class ChartReadmeTest {

    @Test
    void the_committed_page_is_what_the_values_say() throws Exception {
        assertThat(Files.readString(ChartReadme.FILE))
                .as("%s is stale: run ./dev fmt", ChartReadme.FILE)
                .isEqualTo(ChartReadme.generate());
    }

    @Test
    void every_value_is_described() {
        assertThat(ChartReadme.values())
                .hasSizeGreaterThan(60)
                .allSatisfy(it -> assertThat(it.description()).as(it.path()).isNotBlank());
    }

    @Test
    void the_schema_knows_every_value_and_no_others() throws Exception {
        Set<String> known = new TreeSet<>();
        collect(
                "",
                new ObjectMapper()
                        .readTree(Path.of("helm/anchorhold/values.schema.json").toFile()),
                known);
        known.remove("global");
        // May be set, and is not by default.
        known.removeIf(it -> it.endsWith(".resources.claims"));
        Set<String> values = new TreeSet<>();
        ChartReadme.values().stream()
                .map(Value::path)
                .filter(it -> !it.startsWith("podSecurityContext.")) // Kubernetes' own type
                .forEach(values::add);
        assertThat(known).isEqualTo(values);
    }

    private static void collect(String path, JsonNode schema, Set<String> known) {
        schema.path("properties").properties().forEach(it -> {
            known.add(path + it.getKey());
            collect(path + it.getKey() + ".", it.getValue(), known);
        });
    }
}
