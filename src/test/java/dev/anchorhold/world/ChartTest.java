package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the chart: its rights, its kinds, and that it can be installed again. */
class ChartTest {
    private final ControlPlane cluster = ControlPlane.shared();

    @Test
    void the_operator_has_exactly_the_rights_that_the_chart_gives_it() {
        Chart chart = Chart.install(cluster, Map.of());

        try (KubernetesClient operator = ControlPlane.clientOf(chart.operatorKubeconfig())) {
            assertThat(may(operator, "patch", "anchorhold.dev", "plainvms", null))
                    .isTrue();
            assertThat(may(operator, "watch", "", "secrets", Chart.TOKENS)).isTrue();

            assertThat(may(operator, "delete", "anchorhold.dev", "plainvms", null))
                    .isFalse();
            assertThat(may(operator, "list", "", "secrets", null)).isFalse();
            assertThat(may(operator, "list", "", "secrets", Chart.NAMESPACE))
                    .as("H12: the companion's keys and passwords are there")
                    .isFalse();
            assertThat(may(operator, "create", "", "pods", Chart.NAMESPACE)).isFalse();
        }
    }

    @Test
    void the_companion_may_ask_who_calls_and_read_accounts_and_nothing_else() {
        Chart chart = Chart.install(cluster, Map.of());

        try (KubernetesClient companion = ControlPlane.clientOf(chart.companionKubeconfig())) {
            assertThat(may(companion, "create", "authentication.k8s.io", "tokenreviews", null))
                    .isTrue();
            assertThat(may(companion, "list", "anchorhold.dev", "accounts", null))
                    .isTrue();

            assertThat(may(companion, "patch", "anchorhold.dev", "accounts", null))
                    .isFalse();
            assertThat(may(companion, "get", "anchorhold.dev", "agents", null)).isTrue();
            assertThat(may(companion, "list", "anchorhold.dev", "agents", null)).isFalse();
            assertThat(may(companion, "patch", "anchorhold.dev", "agents", null))
                    .isFalse();
            assertThat(may(companion, "get", "", "secrets", Chart.NAMESPACE)).isFalse();
        }
    }

    @Test
    void H15_every_container_ends_when_its_memory_does() {
        Chart.install(cluster, Map.of());
        List<Container> containers = podSpecs()
                .flatMap(it -> Stream.concat(it.getContainers().stream(), it.getInitContainers().stream()))
                .toList();
        assertThat(containers)
                .hasSize(3)
                .allSatisfy(it -> assertThat(it.getEnv())
                        .as(it.getName())
                        .anyMatch(variable -> variable.getName().equals("JAVA_TOOL_OPTIONS")
                                && variable.getValue().contains("-XX:+ExitOnOutOfMemoryError")));
    }

    @Test
    void H16_what_an_ingress_can_name_leads_to_no_port_but_its_own() {
        Chart.install(cluster, Map.of());
        assertThat(targetPorts("anchorhold-companion")).containsExactlyInAnyOrder("http", "door");
        assertThat(targetPorts("anchorhold-companion-internal")).containsExactly("internal");
        assertThat(podSpecs().flatMap(it -> it.getContainers().stream()))
                .allSatisfy(it -> Stream.of(it.getStartupProbe(), it.getLivenessProbe(), it.getReadinessProbe())
                        .forEach(
                                probe -> assertThat(probe.getHttpGet().getPort().getStrVal())
                                        .isEqualTo("management")));
    }

    private Stream<PodSpec> podSpecs() {
        return cluster.client().apps().deployments().inNamespace(Chart.NAMESPACE).list().getItems().stream()
                .map(it -> it.getSpec().getTemplate().getSpec());
    }

    private List<String> targetPorts(String service) {
        return cluster
                .client()
                .services()
                .inNamespace(Chart.NAMESPACE)
                .withName(service)
                .get()
                .getSpec()
                .getPorts()
                .stream()
                .map(it -> it.getTargetPort().getStrVal())
                .toList();
    }

    @Test
    void the_API_server_knows_every_field_that_the_chart_can_write() {
        Chart.install(cluster, Map.of());
        String manifests = Chart.render(
                Chart.FOLDER,
                "everything",
                Chart.NAMESPACE,
                List.of(
                        ChartRendering.COMPANION,
                        "operator.replicas=2,allowedNamespaces={default},companion.ledger.prices.configMap=prices",
                        "companion.ingress.enabled=true,companion.ingress.hosts[0].host=a.example.org",
                        "networkPolicy.egress[0].ports[0].port=443"));
        Chart.dryRun(cluster, manifests);
    }

    @Test
    void its_pods_are_taken_where_the_restricted_pod_security_standard_is_enforced() {
        Chart.install(cluster, Map.of());
        String namespace = cluster.newNamespace("restricted");
        cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
        await().untilAsserted(() -> assertThat(
                        cluster.kubectl("get", "serviceaccounts", "--namespace=" + namespace, "--output=name"))
                .contains("serviceaccount/default"));
        assertThat(podSpecs())
                .hasSize(2)
                .allSatisfy(it -> assertThat(create(namespace, it)).isNotNull());

        PodSpec asRoot = podSpecs().findFirst().orElseThrow();
        asRoot.getSecurityContext().setRunAsNonRoot(false);
        assertThatThrownBy(() -> create(namespace, asRoot)).hasMessageContaining("PodSecurity");
    }

    private Pod create(String namespace, PodSpec spec) {
        spec.setServiceAccountName("default");
        spec.setServiceAccount("default");
        return cluster.client()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("tried")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withSpec(spec)
                        .build())
                .dryRun()
                .create();
    }

    @Test
    void where_namespaces_are_named_there_are_Agents_and_the_operator_reads_Secrets_in_these_alone() {
        String allowed = cluster.newNamespace("allowed");
        String other = cluster.newNamespace("other");
        String right = "anchorhold-operator-secrets." + Chart.NAMESPACE;
        String policy = "anchorhold-allowed-namespaces." + Chart.NAMESPACE;
        try {
            // Helm removes what a rendering has no more; kubectl does not.
            cluster.kubectl("delete", "clusterrolebinding", right, "--ignore-not-found");
            Chart chart = Chart.install(cluster, Map.of("allowedNamespaces", "{" + allowed + "}"));
            try (KubernetesClient operator = ControlPlane.clientOf(chart.operatorKubeconfig())) {
                await().untilAsserted(() -> {
                    assertThat(may(operator, "get", "", "secrets", allowed)).isTrue();
                    assertThat(may(operator, "get", "", "secrets", other)).isFalse();
                });
                assertThat(may(operator, "create", "", "secrets", allowed)).isTrue();
                assertThat(may(operator, "create", "", "secrets", other)).isFalse();
                assertThat(may(operator, "get", "", "secrets", "kube-system")).isFalse();
                assertThat(may(operator, "watch", "", "secrets", Chart.TOKENS)).isTrue();
            }
            await().untilAsserted(() -> assertThatThrownBy(() -> createVm(other))
                    .hasMessageContaining("allowedNamespaces")
                    .hasMessageContaining(allowed));
            assertThat(createVm(allowed)).isNotNull();
        } finally {
            cluster.kubectl("delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", policy);
            Chart.install(cluster, Map.of());
        }
    }

    @Test
    void F95_an_upgrade_brings_a_new_field_and_keeps_what_is_stored(@TempDir Path folder) throws Exception {
        Path before = chartWithout(folder, "oneTimePassword");
        String namespace = cluster.newNamespace("upgrade");
        try {
            Chart.install(cluster, before, Map.of());
            cluster.client().resource(vm(namespace)).create();
            String identity = stored(namespace, "{.metadata.uid} {.spec.account}");
            assertThat(identity).contains("acme");
            assertThat(stored(namespace, "{.spec.oneTimePassword}")).isEmpty();

            Chart.install(cluster, Map.of());
            await().untilAsserted(() ->
                    assertThat(stored(namespace, "{.spec.oneTimePassword}")).isEqualTo("false"));
            assertThat(stored(namespace, "{.metadata.uid} {.spec.account}")).isEqualTo(identity);
        } finally {
            Chart.install(cluster, Map.of());
            cluster.kubectl("delete", "plainvm/tried", "--namespace=" + namespace);
        }
    }

    private String stored(String namespace, String path) {
        return cluster.kubectl("get", "plainvm/tried", "--namespace=" + namespace, "--output=jsonpath=" + path)
                .strip();
    }

    /** The chart as it was before PlainVms had the field. */
    private static Path chartWithout(Path folder, String field) throws IOException {
        Path copy = folder.resolve("chart");
        try (Stream<Path> files = Files.walk(Chart.FOLDER)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(Chart.FOLDER.relativize(file)));
            }
        }
        Path crd = copy.resolve("files/crds/plainvms.yaml");
        var yaml = new YAMLMapper();
        JsonNode definition = yaml.readTree(crd.toFile());
        ObjectNode spec = (ObjectNode) definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
        assertThat(((ObjectNode) spec.get("properties")).remove(field)).isNotNull();
        spec.remove("x-kubernetes-validations"); // one of them names it
        yaml.writeValue(crd.toFile(), definition);
        return copy;
    }

    private HasMetadata createVm(String namespace) {
        return cluster.client().resource(vm(namespace)).dryRun().create();
    }

    private static String vm(String namespace) {
        return """
                apiVersion: anchorhold.dev/v1alpha1
                kind: PlainVm
                metadata: {name: tried, namespace: %s}
                spec: {account: acme, size: small, image: debian-12, sshKeys: [laptop]}
                """.formatted(namespace);
    }

    @Test
    void installing_it_again_is_an_update() {
        Chart.install(cluster, Map.of("plainVm.transfer", "false"));
        assertThat(transferPolicy()).contains("this installation allows no transfer");

        Chart.install(cluster, Map.of("plainVm.transfer", "true"));
        assertThat(transferPolicy()).contains("check('transfer')");

        Chart.install(cluster, Map.of());
    }

    @Test
    void the_kinds_are_served_as_soon_as_it_is_installed() {
        Chart.install(cluster, Map.of());

        assertThat(cluster.kubectl("get", "plainvms,accounts,providerconfigs", "--all-namespaces"))
                .isNotNull();
        assertThatThrownBy(() -> cluster.kubectl("get", "nonsense")).isInstanceOf(WorldFailure.class);
    }

    private String transferPolicy() {
        return cluster.kubectl(
                "get", "validatingadmissionpolicy", "anchorhold-plainvm-transfer.anchorhold-system", "-oyaml");
    }

    private static boolean may(KubernetesClient client, String verb, String group, String resource, String namespace) {
        ResourceAttributes attributes = new ResourceAttributesBuilder()
                .withVerb(verb)
                .withGroup(group)
                .withResource(resource)
                .withNamespace(namespace)
                .build();
        return client.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withResourceAttributes(attributes)
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed();
    }
}
