package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what the chart's templates make of {@code demo.enabled}; that it runs is told by {@code DemoTest}, in a cluster. */
class ChartDemoTest {
    private static final String TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

    private final ChartRendering rendering = ChartRendering.ofDemo();

    @Test
    void all_of_it_is_labelled_as_demo_and_nothing_else_is() {
        assertThat(rendering.objects())
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.getMetadata().getLabels())
                        .as(it.getKind() + " " + it.getMetadata().getName())
                        .containsEntry("anchorhold.dev/demo", "true"));
        assertThat(rendering.all(Deployment.class))
                .extracting(it -> it.getMetadata().getName())
                .hasSize(3);
        assertThat(ChartRendering.of().objects()).allSatisfy(it -> {
            assertThat(it.getMetadata().getLabels()).doesNotContainKey("anchorhold.dev/demo");
            assertThat(it.getMetadata().getName()).doesNotContain("demo");
        });
    }

    @Test
    void F97_rendering_it_twice_gives_identical_bytes_and_makes_no_secret() {
        List<String> settings = List.of("demo.enabled=true");
        assertThat(Chart.render(Chart.FOLDER, "anchorhold", Chart.NAMESPACE, settings))
                .isEqualTo(Chart.render(Chart.FOLDER, "anchorhold", Chart.NAMESPACE, settings));
        assertThat(rendering.all(Secret.class)).isEmpty();
    }

    @Test
    void its_containers_are_as_confined_as_the_products() {
        for (PodSpec pod : List.of(demo(), removal())) {
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(containers(pod).toList()).isNotEmpty().allSatisfy(it -> {
                assertThat(it.getResources().getLimits()).containsKeys("memory", "ephemeral-storage");
                assertThat(it.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
                assertThat(it.getSecurityContext().getAllowPrivilegeEscalation())
                        .isFalse();
                assertThat(it.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
            });
        }
        assertThat(Stream.of(demo(), removal())
                        .flatMap(ChartDemoTest::containers)
                        .filter(it -> it.getVolumeMounts().stream()
                                .anyMatch(mount -> mount.getMountPath().equals(TOKEN)))
                        .map(Container::getName))
                .as("who may call the API server")
                .containsExactlyInAnyOrder("setup", "removal");
    }

    @Test
    void the_clouds_are_the_operators_and_the_database_is_the_companions() {
        assertThat(rendering
                        .one(NetworkPolicy.class, "anchorhold-demo")
                        .getSpec()
                        .getIngress())
                .extracting(
                        it -> it.getPorts().stream().map(port -> port.getPort()).toList(),
                        it -> it.getFrom().stream()
                                .map(from -> from.getPodSelector().getMatchLabels())
                                .toList())
                .containsExactly(
                        tuple(
                                List.of(new IntOrString("hetzner"), new IntOrString("cloudflare")),
                                List.of(rendering
                                        .operator()
                                        .getSpec()
                                        .getSelector()
                                        .getMatchLabels())),
                        tuple(
                                List.of(new IntOrString("postgres")),
                                List.of(rendering
                                        .companion()
                                        .getSpec()
                                        .getSelector()
                                        .getMatchLabels())));
        ChartRendering confined = ChartRendering.ofDemo(
                "networkPolicy.egress[0].ports[0].port=443",
                "networkPolicy.publicFrom[0].namespaceSelector.matchLabels.a=b");
        assertThat(confined.all(NetworkPolicy.class))
                .hasSize(4)
                .allSatisfy(policy -> assertThat(policy.getSpec().getEgress().stream()
                                .flatMap(rule -> rule.getPorts().stream())
                                .map(port -> port.getPort().getStrVal()))
                        .contains("hetzner", "postgres", "door"));
        assertThat(confined.one(NetworkPolicy.class, "anchorhold-companion").getSpec().getIngress().stream()
                        .filter(it -> it.getPorts().getFirst().getPort().equals(new IntOrString("http")))
                        .flatMap(it -> it.getFrom().stream())
                        .filter(it -> it.getPodSelector() != null)
                        .map(it -> it.getPodSelector().getMatchLabels().get("app.kubernetes.io/component")))
                .as("whose guests are played in the demo's pod")
                .contains("demo");
    }

    @Test
    void its_objects_are_of_our_kinds_and_build_in_the_simulated_clouds_alone() {
        Map<String, HasMetadata> objects = objects();
        var provider = (ProviderConfig) objects.get("ProviderConfig");
        String allowed = variable(rendering.operator(), "ANCHORHOLD_PROVIDER_ENDPOINTS");
        assertThat(allowed).isEqualTo("http://anchorhold-demo.anchorhold-system.svc:*");
        String host = allowed.replace("*", "");
        assertThat(provider.getSpec().hetzner().endpoint()).startsWith(host);
        assertThat(provider.getSpec().cloudflare().endpoint()).startsWith(host);
        try (CloudflareSimulator cloudflare = CloudflareSimulator.start(new CloudflareOptions())) {
            assertThat(provider.getSpec().cloudflare().accountId()).isEqualTo(cloudflare.accountId());
        }
        assertThat(((Account) objects.get("Account")).getSpec().namespaces()).containsExactly(Chart.NAMESPACE);
        assertThat(((Agent) objects.get("Agent")).getSpec().image())
                .isEqualTo(objects.get("AgentImage").getMetadata().getName());
        assertThat(((PlainVm) objects.get("PlainVm")).getSpec().account()).isEqualTo("demo");
        assertThat(objects.values())
                .allMatch(it -> "true".equals(it.getMetadata().getLabels().get("anchorhold.dev/demo")));
    }

    private Map<String, HasMetadata> objects() {
        var serialization = new KubernetesSerialization();
        Map<String, Class<? extends HasMetadata>> kinds = Map.of(
                "ProviderConfig", ProviderConfig.class,
                "Account", Account.class,
                "AgentImage", AgentImage.class,
                "PlainVm", PlainVm.class,
                "Agent", Agent.class);
        String manifests = rendering
                .one(ConfigMap.class, "anchorhold-demo-objects")
                .getData()
                .get("objects.yaml");
        return Arrays.stream(manifests.split("(?m)^---$"))
                .map(it -> {
                    String kind = it.lines()
                            .filter(line -> line.startsWith("kind: "))
                            .findFirst()
                            .orElseThrow()
                            .substring(6);
                    return (HasMetadata) serialization.unmarshal(it, kinds.get(kind));
                })
                .collect(Collectors.toMap(HasMetadata::getKind, it -> it));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            companion.database.url=jdbc:postgresql://real/books
            companion.database.ownerSecret=real
            companion.door.url=https://door.example.org
            companion.door.sealingKeys.secret=real
            companion.ledger.origin=example.org/log
            companion.ledger.logKey.secret=real
            companion.ledger.prices.configMap=real
            providers.tokenNamespace=vault
            providers.endpoints={https://api.hetzner.cloud}
            allowedNamespaces={elsewhere}
            """)
    void what_is_real_is_refused_by_its_name(String setting) {
        assertThatThrownBy(() -> ChartRendering.ofDemo(setting))
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining(setting.replaceFirst("=.*", ""))
                .hasMessageContaining("demo.enabled=true");
    }

    /** What they make of the values must not depend on the order in which Helm renders them. */
    @Test
    void each_template_that_reads_what_the_demo_brings_has_it_brought_first() throws Exception {
        try (Stream<Path> templates = Files.list(Chart.FOLDER.resolve("templates"))) {
            List<Path> readers = templates
                    .filter(it -> !it.getFileName().toString().startsWith("_"))
                    .filter(it -> contains(it, "Values.companion") || contains(it, "Values.providers.endpoints"))
                    .toList();
            assertThat(readers)
                    .isNotEmpty()
                    .allSatisfy(
                            it -> assertThat(Files.readString(it)).startsWith("{{- include \"anchorhold.demo\" . -}}"));
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_api_server_takes_all_of_it_to_the_last_field() {
        ControlPlane cluster = ControlPlane.shared();
        Chart.install(cluster, Map.of());
        String manifests = Chart.withoutTests(Chart.render(
                Chart.FOLDER, "anchorhold", Chart.NAMESPACE, List.of("crds.install=false", "demo.enabled=true")));
        assertThat(Chart.dryRun(cluster, manifests))
                .contains("deployment.apps/anchorhold-demo serverside-applied (server dry run)");
    }

    private PodSpec demo() {
        return ChartRendering.pod(rendering.one(Deployment.class, "anchorhold-demo"));
    }

    private PodSpec removal() {
        Job job = rendering.one(Job.class, "anchorhold-demo-removal");
        assertThat(job.getMetadata().getAnnotations()).containsEntry("helm.sh/hook", "pre-delete");
        return job.getSpec().getTemplate().getSpec();
    }

    private static Stream<Container> containers(PodSpec pod) {
        return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream());
    }

    private static String variable(Deployment deployment, String name) {
        return ChartRendering.pod(deployment).getContainers().getFirst().getEnv().stream()
                .filter(it -> it.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }
}
