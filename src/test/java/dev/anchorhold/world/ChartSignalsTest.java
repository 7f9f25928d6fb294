package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests how the chart delivers alerts and dashboard, and how it has the pods log. */
class ChartSignalsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void the_alerts_come_as_they_are_and_only_when_they_are_wanted() throws Exception {
        ChartRendering wanted = ChartRendering.of(
                "metrics.prometheusRule.enabled=true,metrics.prometheusRule.labels.release=prometheus");
        JsonNode rule = JSON.valueToTree(only(wanted, "PrometheusRule"));
        assertThat(rule.get("spec"))
                .isEqualTo(new ObjectMapper(new YAMLFactory())
                        .readTree(Chart.FOLDER.resolve("files/alerts.yaml").toFile()));
        assertThat(rule.at("/metadata/labels/release").asText()).isEqualTo("prometheus");
        assertThat(ChartRendering.of().objects())
                .extracting(HasMetadata::getKind)
                .doesNotContain("PrometheusRule", "ConfigMap");
    }

    @Test
    void the_dashboard_comes_as_it_is_with_the_label_that_Grafanas_sidecar_selects() throws Exception {
        var dashboard = (ConfigMap) only(ChartRendering.of("metrics.dashboard.enabled=true"), "ConfigMap");
        assertThat(dashboard.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(dashboard.getData()).containsOnlyKeys("anchorhold.json");
        assertThat(JSON.readTree(dashboard.getData().get("anchorhold.json")))
                .isEqualTo(JSON.readTree(
                        Chart.FOLDER.resolve("files/dashboard.json").toFile()));
    }

    @Test
    void all_containers_log_as_json_unless_text_is_asked_for() {
        assertThat(logsAsJson(ChartRendering.of())).hasSize(4).containsOnly("true");
        assertThat(logsAsJson(ChartRendering.of("logFormat=text"))).hasSize(4).containsOnly("false");
    }

    @Test
    void nothing_is_traced_unless_there_is_a_collector() {
        assertThat(tracing(ChartRendering.of())).containsOnly("not said");
        assertThat(tracing(ChartRendering.of("tracing.endpoint=http://collector:4318,tracing.ratio=0.1")))
                .hasSize(2)
                .containsOnly("http://collector:4318 0.1");
    }

    private static List<String> tracing(ChartRendering rendering) {
        return rendering.all(Deployment.class).stream()
                .map(it -> ChartRendering.pod(it).getContainers().getFirst())
                .map(it -> value(it, "ANCHORHOLD_TRACING_ENDPOINT")
                        .map(endpoint -> endpoint + " "
                                + value(it, "ANCHORHOLD_TRACING_RATIO").orElseThrow())
                        .orElse("not said"))
                .toList();
    }

    private static List<String> logsAsJson(ChartRendering rendering) {
        Stream<PodSpec> pods = Stream.concat(
                rendering.all(Deployment.class).stream().map(ChartRendering::pod),
                rendering.all(Pod.class).stream().map(Pod::getSpec));
        return pods.flatMap(it -> Stream.concat(it.getInitContainers().stream(), it.getContainers().stream()))
                .map(it -> value(it, "QUARKUS_LOG_CONSOLE_JSON_ENABLED").orElse("not said"))
                .toList();
    }

    private static Optional<String> value(Container container, String variable) {
        return container.getEnv().stream()
                .filter(it -> it.getName().equals(variable))
                .map(EnvVar::getValue)
                .findFirst();
    }

    private static HasMetadata only(ChartRendering rendering, String kind) {
        List<HasMetadata> found = rendering.objects().stream()
                .filter(it -> it.getKind().equals(kind))
                .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }
}
