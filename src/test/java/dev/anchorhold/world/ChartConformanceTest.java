package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.sim.cloud.GoProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Has the chart judged by Helm's own linter and by kube-score (k8s-dev/conformance). */
class ChartConformanceTest {
    @TempDir
    private Path folder;

    @Test
    void helm_lint_finds_nothing_with_the_defaults_or_with_an_example() throws Exception {
        var lint = new GoProgram(folder, "helm-lint");
        Path defaults = Files.createFile(folder.resolve("defaults.yaml"));
        Path demo = Files.writeString(folder.resolve("demo.yaml"), "demo: {enabled: true}\n");
        try (Stream<Path> examples = Files.list(Chart.FOLDER.resolve("examples"))) {
            for (Path values :
                    Stream.concat(Stream.of(defaults, demo), examples).toList()) {
                lint.run(environment(values));
            }
        }
    }

    @Test
    void the_notes_are_the_next_commands_for_this_very_installation() throws Exception {
        var lint = new GoProgram(folder, "helm-lint");
        String notes = lint.run(environment(Chart.FOLDER.resolve("examples/production.yaml")));
        assertThat(notes)
                .contains(
                        "kubectl --namespace anchorhold-system-tokens create secret generic hetzner",
                        "kubectl --namespace anchorhold-system create secret generic anchorhold-sealing-keys --from-file=current=",
                        "kubectl --namespace anchorhold-system create secret generic anchorhold-log-key --from-file=log-key.pem=",
                        "taken in these namespaces: agents")
                .doesNotContain("There are no Agents");
        Path moved = folder.resolve("moved.yaml");
        Files.writeString(moved, "providers: {tokenNamespace: vault}\n");
        assertThat(lint.run(environment(moved)))
                .contains("kubectl --namespace vault label secret hetzner", "There are no Agents without the companion")
                .doesNotContain("anchorhold-log-key");
    }

    private static Map<String, String> environment(Path values) {
        return Map.of("CHART", Chart.FOLDER.toString(), "VALUES", values.toString(), "RELEASE", "anchorhold");
    }

    @Test
    void a_second_installation_in_a_cluster_is_refused_and_the_first_one_told_which_Secrets_are_missing()
            throws Exception {
        var cluster = ControlPlane.shared();
        Chart.install(cluster, Map.of());
        var lint = new GoProgram(folder, "helm-lint");
        Map<String, String> environment = new HashMap<>(environment(Chart.FOLDER.resolve("examples/production.yaml")));
        environment.put("KUBECONFIG", cluster.kubeconfig().toString());
        String system = "--namespace=" + Chart.NAMESPACE;
        cluster.kubectl("create", "secret", "generic", "anchorhold-log-key", system);
        try {
            assertThat(lint.run(environment))
                    .contains("create secret generic anchorhold-sealing-keys")
                    .doesNotContain("create secret generic anchorhold-log-key");
        } finally {
            cluster.kubectl("delete", "secret", "anchorhold-log-key", system);
        }
        environment.put("RELEASE", "another");
        assertThatThrownBy(() -> lint.run(environment))
                .hasMessageContaining("this cluster has an Anchorhold already")
                .hasMessageContaining("helm uninstall anchorhold --namespace anchorhold-system");
    }

    @Test
    void kube_score_finds_nothing() throws Exception {
        assertKubeScoreFindsNothing(
                "",
                ChartRendering.COMPANION,
                "operator.replicas=2",
                "companion.ingress.enabled=true,companion.ingress.hosts[0].host=a.example.org");
        // A demo is one of each, and its data are one pod's at a time.
        assertKubeScoreFindsNothing("deployment-replicas,deployment-strategy", "demo.enabled=true");
    }

    private void assertKubeScoreFindsNothing(String ignored, String... settings) throws Exception {
        Path manifests = folder.resolve("manifests.yaml");
        Files.writeString(
                manifests,
                Chart.withoutTests(Chart.render(
                        Chart.FOLDER,
                        "anchorhold",
                        Chart.NAMESPACE,
                        Stream.concat(
                                        Stream.of(settings),
                                        Stream.of(
                                                "crds.install=false",
                                                // Without it kube-score misses one for what pods call; values.yaml says
                                                // why there is none.
                                                "networkPolicy.egress[0].ports[0].port=443"))
                                .toList())));
        assertThat(new GoProgram(folder, "kube-score")
                        .run(Map.of("MANIFESTS", manifests.toString(), "IGNORED", ignored)))
                .contains("no findings");
    }
}
