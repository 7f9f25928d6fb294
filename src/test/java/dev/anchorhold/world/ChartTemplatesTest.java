package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of what the chart's templates make of its values; what the API server makes of that is in {@link ChartTest}. */
class ChartTemplatesTest {
    private static final int MOST_BYTES_THAT_CLIENT_SIDE_APPLY_TAKES = 262_144;

    private final ChartRendering rendering = ChartRendering.of();

    @Test
    void F97_rendering_twice_gives_identical_bytes_and_makes_no_secret() {
        List<String> settings = List.of(ChartRendering.COMPANION);
        assertThat(Chart.render(Chart.FOLDER, "anchorhold", Chart.NAMESPACE, settings))
                .isEqualTo(Chart.render(Chart.FOLDER, "anchorhold", Chart.NAMESPACE, settings));
        assertThat(rendering.all(Secret.class)).isEmpty();
    }

    @Test
    void F95_every_definition_is_small_enough_for_client_side_apply() throws Exception {
        try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("files/crds"))) {
            assertThat(files.toList())
                    .hasSize(5)
                    .allSatisfy(it -> assertThat(
                                    new ObjectMapper().writeValueAsBytes(new YAMLMapper().readTree(it.toFile())))
                            .hasSizeLessThan(MOST_BYTES_THAT_CLIENT_SIDE_APPLY_TAKES));
        }
    }

    @Test
    void definitions_are_kept_when_the_chart_goes_unless_the_values_say_otherwise() {
        String keep = "helm.sh/resource-policy: \"keep\"";
        assertThat(Chart.render(Chart.FOLDER, "anchorhold", Chart.NAMESPACE, List.of()))
                .contains(keep);
        assertThat(Chart.render(Chart.FOLDER, "anchorhold", Chart.NAMESPACE, List.of("crds.keep=false")))
                .contains("kind: \"CustomResourceDefinition\"")
                .doesNotContain(keep);
    }

    @Test
    void F105_selectors_carry_the_instance_and_nothing_that_an_upgrade_changes() {
        ChartRendering labelled = ChartRendering.of("operator.podLabels.team=a,companion.podLabels.team=a");
        for (Deployment it : labelled.all(Deployment.class)) {
            Map<String, String> selector = it.getSpec().getSelector().getMatchLabels();
            assertThat(selector)
                    .containsOnlyKeys(
                            "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component")
                    .containsEntry("app.kubernetes.io/instance", "anchorhold");
            assertThat(it.getSpec().getTemplate().getMetadata().getLabels())
                    .containsAllEntriesOf(selector)
                    .containsEntry("team", "a");
        }
        assertThat(labelled.all(Service.class))
                .extracting(it -> it.getSpec().getSelector())
                .containsOnly(labelled.companion().getSpec().getSelector().getMatchLabels());
    }

    @Test
    void two_releases_share_no_name_and_neither_do_two_namespaces() {
        Set<String> names = names(rendering);
        assertThat(names(ChartRendering.ofRelease("blue", "other"))).doesNotContainAnyElementsOf(names);
        assertThat(names(ChartRendering.ofRelease("anchorhold", "other")).stream()
                        .filter(names::contains))
                .as("roles that people bind by their name; Helm refuses to take them from another release")
                .containsExactlyInAnyOrder(
                        "ClusterRole anchorhold-admin",
                        "ClusterRole anchorhold-edit",
                        "ClusterRole anchorhold-monitor",
                        "ClusterRole anchorhold-view");
    }

    @Test
    void a_release_of_any_name_fits_together() {
        ChartRendering blue = ChartRendering.ofRelease("blue", "other");
        PodSpec companion = ChartRendering.pod(blue.one(Deployment.class, "blue-anchorhold-companion"));
        PodSpec operator = ChartRendering.pod(blue.one(Deployment.class, "blue-anchorhold-operator"));
        assertThat(variable(companion.getContainers().getFirst(), "ANCHORHOLD_COMPANION_CALLERS"))
                .isEqualTo("system:serviceaccount:other:" + operator.getServiceAccountName());
        assertThat(variable(operator.getContainers().getFirst(), "ANCHORHOLD_COMPANION_URL"))
                .isEqualTo("http://"
                        + blue.one(Service.class, "blue-anchorhold-companion-internal")
                                .getMetadata()
                                .getName()
                        + ".other.svc");
        assertThat(blue.objects().toString()).contains("'system:serviceaccount:other:blue-anchorhold-operator'");
    }

    @Test
    void a_token_is_where_it_is_used_and_ends_within_the_hour() {
        assertThat(rendering.all(ServiceAccount.class))
                .hasSize(2)
                .allMatch(it -> !it.getAutomountServiceAccountToken());
        for (Deployment it : rendering.all(Deployment.class)) {
            PodSpec pod = ChartRendering.pod(it);
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getContainers()).allMatch(ChartTemplatesTest::hasToken);
            assertThat(pod.getInitContainers()).noneMatch(ChartTemplatesTest::hasToken);
            assertThat(pod.getVolumes().stream()
                            .filter(volume -> volume.getProjected() != null)
                            .flatMap(volume -> volume.getProjected().getSources().stream())
                            .filter(source -> source.getServiceAccountToken() != null)
                            .map(source -> source.getServiceAccountToken().getExpirationSeconds()))
                    .isNotEmpty()
                    .allMatch(seconds -> seconds == 3600);
        }
    }

    @Test
    void F105_one_replica_can_be_drained_and_of_more_one_at_a_time() {
        assertThat(rendering.all(PodDisruptionBudget.class))
                .extracting(it -> it.getMetadata().getName())
                .containsExactly("anchorhold-companion");
        ChartRendering two = ChartRendering.of("operator.replicas=2");
        assertThat(two.one(PodDisruptionBudget.class, "anchorhold-operator").getSpec())
                .satisfies(it -> assertThat(it.getMaxUnavailable()).isEqualTo(new IntOrString(1)))
                .satisfies(it -> assertThat(it.getSelector())
                        .isEqualTo(two.operator().getSpec().getSelector()));
    }

    @Test
    void H16_whatever_leads_here_from_outside_ends_at_the_port_that_has_public_paths_alone() {
        ChartRendering open = ChartRendering.of(
                "companion.ingress.enabled=true,companion.ingress.hosts[0].host=a.example.org",
                "companion.httpRoute.enabled=true,companion.httpRoute.parentRefs[0].name=public");
        var paths = open.one(Ingress.class, "anchorhold-companion").getSpec().getRules().stream()
                .flatMap(it -> it.getHttp().getPaths().stream())
                .toList();
        assertThat(paths).extracting(it -> it.getPath()).containsExactly("/guest", "/api", "/log");
        assertThat(paths)
                .allSatisfy(it -> assertThat(targetPort(
                                open,
                                it.getBackend().getService().getName(),
                                new IntOrString(
                                        it.getBackend().getService().getPort().getName())))
                        .isEqualTo("http"));
        HasMetadata route = open.objects().stream()
                .filter(it -> it.getKind().equals("HTTPRoute"))
                .findFirst()
                .orElseThrow();
        JsonNode rule = new ObjectMapper().valueToTree(route).at("/spec/rules/0");
        assertThat(rule.path("matches"))
                .extracting(it -> it.at("/path/value").asText())
                .containsExactly("/guest", "/api", "/log");
        assertThat(rule.path("backendRefs"))
                .hasSize(1)
                .allSatisfy(it -> assertThat(targetPort(
                                open,
                                it.path("name").asText(),
                                new IntOrString(it.path("port").asInt())))
                        .isEqualTo("http"));
        assertThat(open.all(Service.class).stream()
                        .flatMap(it -> it.getSpec().getPorts().stream())
                        .map(it -> it.getTargetPort().getStrVal()))
                .as("none leads to health and metrics")
                .containsExactlyInAnyOrder("http", "door", "internal");
    }

    @Test
    void F102_its_network_policies_cut_nothing_off_and_leave_the_internal_api_to_the_operator() {
        assertThat(rendering.all(NetworkPolicy.class)).hasSize(2).allSatisfy(it -> {
            assertThat(it.getSpec().getPolicyTypes()).containsExactly("Ingress");
            assertThat(it.getSpec().getEgress()).isEmpty();
        });
        NetworkPolicyIngressRule internal =
                rendering.one(NetworkPolicy.class, "anchorhold-companion").getSpec().getIngress().stream()
                        .filter(it -> it.getPorts().stream()
                                .anyMatch(port -> port.getPort().equals(new IntOrString("internal"))))
                        .findFirst()
                        .orElseThrow();
        assertThat(internal.getPorts()).hasSize(1);
        assertThat(internal.getFrom())
                .extracting(it -> it.getPodSelector().getMatchLabels())
                .containsExactly(rendering.operator().getSpec().getSelector().getMatchLabels());

        ChartRendering confined =
                ChartRendering.of("networkPolicy.egress[0].ports[0].port=443", "networkPolicy.enabled=true");
        assertThat(confined.all(NetworkPolicy.class))
                .allSatisfy(it -> assertThat(it.getSpec().getEgress().stream()
                                .flatMap(rule -> rule.getPorts().stream())
                                .map(port -> port.getPort().getIntVal()))
                        .as("names are looked up, and the companion is called, whatever the value says")
                        .containsExactly(53, 53, null, 443));
        assertThat(ChartRendering.of("networkPolicy.enabled=false").all(NetworkPolicy.class))
                .isEmpty();
    }

    @Test
    void the_operators_right_to_Secrets_is_confined_to_the_namespaces_that_may_have_Agents() {
        String name = "anchorhold-operator-secrets.anchorhold-system";
        assertThat(rendering.one(ClusterRoleBinding.class, name)).isNotNull();

        ChartRendering confined = ChartRendering.of("allowedNamespaces={a,b}");
        assertThat(confined.all(ClusterRoleBinding.class))
                .extracting(it -> it.getMetadata().getName())
                .doesNotContain(name);
        assertThat(confined.all(RoleBinding.class).stream()
                        .filter(it -> it.getMetadata().getName().equals(name))
                        .map(it -> it.getMetadata().getNamespace()))
                .containsExactly("a", "b");
        assertThat(confined.all(ClusterRoleBinding.class).stream()
                        .map(it ->
                                confined.one(ClusterRole.class, it.getRoleRef().getName()))
                        .flatMap(it -> it.getRules().stream())
                        .flatMap(it -> it.getResources().stream()))
                .as("what is bound in the whole cluster")
                .doesNotContain("secrets");
    }

    @Test
    void F102_each_pod_is_one_target_of_Prometheus() {
        ChartRendering monitored =
                ChartRendering.of("metrics.podMonitor.enabled=true,metrics.podMonitor.labels.release=prometheus");
        List<JsonNode> monitors = monitored.objects().stream()
                .filter(it -> it.getKind().equals("PodMonitor"))
                .map(it -> (JsonNode) new ObjectMapper().valueToTree(it))
                .toList();
        assertThat(monitors)
                .extracting(it -> it.at("/spec/selector/matchLabels"))
                .containsExactlyInAnyOrderElementsOf(monitored.all(Deployment.class).stream()
                        .map(it -> (JsonNode) new ObjectMapper()
                                .valueToTree(it.getSpec().getSelector().getMatchLabels()))
                        .toList());
        assertThat(monitors).allSatisfy(it -> {
            assertThat(it.at("/metadata/labels/release").asText()).isEqualTo("prometheus");
            assertThat(it.at("/spec/podMetricsEndpoints")).hasSize(1);
            assertThat(it.at("/spec/podMetricsEndpoints/0/port").asText()).isEqualTo("management");
        });
        assertThat(scraped(monitored)).as("a second time, by annotations").containsOnly("false");
        assertThat(scraped(rendering)).containsOnly("true");
    }

    private static List<String> scraped(ChartRendering rendering) {
        return rendering.all(Deployment.class).stream()
                .map(it -> it.getSpec().getTemplate().getMetadata().getAnnotations())
                .map(it -> it.get("prometheus.io/scrape"))
                .toList();
    }

    @Test
    void helm_test_asks_for_what_is_public_and_that_nothing_else_is() {
        Pod pod = rendering.one(Pod.class, "anchorhold-test");
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("helm.sh/hook", "test");
        Container check = pod.getSpec().getContainers().getFirst();
        assertThat(variable(check, "ANCHORHOLD_ROLES")).isEqualTo("check");
        assertThat(variable(check, "ANCHORHOLD_CHECK_FOUND")).isEqualTo("http://anchorhold-companion/api/openapi");
        assertThat(variable(check, "ANCHORHOLD_CHECK_NOT_FOUND"))
                .isEqualTo("http://anchorhold-companion/q/health,http://anchorhold-companion/internal/v1/guests,"
                        + "http://anchorhold-companion:8082/api/openapi");
        assertThat(hasToken(check)).isFalse();
    }

    @Test
    void rights_are_named_one_by_one() {
        assertThat(rendering.all(ClusterRole.class).stream().flatMap(it -> it.getRules().stream()))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(Stream.of(it.getApiGroups(), it.getResources(), it.getVerbs())
                                .flatMap(List::stream))
                        .doesNotContain("*"));
    }

    @Test
    void what_the_values_say_of_pods_is_in_them() {
        String digest = "sha256:" + "0a".repeat(32);
        ChartRendering it = ChartRendering.of(
                "image.repository=example.org/a,image.tag=v1,image.digest=" + digest,
                "imagePullSecrets[0].name=registry",
                role("operator"),
                role("companion"));
        for (Deployment deployment : it.all(Deployment.class)) {
            PodSpec pod = ChartRendering.pod(deployment);
            assertThat(containers(pod)).allSatisfy(container -> {
                assertThat(container.getImage()).isEqualTo("example.org/a@" + digest);
                assertThat(variable(container, "A")).isEqualTo("b");
                assertThat(container.getVolumeMounts())
                        .extracting(VolumeMount::getMountPath)
                        .contains("/extra", "/tmp");
            });
            assertThat(pod.getImagePullSecrets()).hasSize(1);
            assertThat(pod.getPriorityClassName()).isEqualTo("high");
            assertThat(pod.getNodeSelector()).containsEntry("disk", "fast");
            assertThat(pod.getTolerations()).hasSize(1);
            assertThat(pod.getAffinity().getNodeAffinity()).isNotNull();
            assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(60);
            assertThat(pod.getTopologySpreadConstraints())
                    .hasSize(2)
                    .allMatch(spread -> spread.getLabelSelector()
                            .equals(deployment.getSpec().getSelector()));
            assertThat(deployment.getSpec().getTemplate().getMetadata().getAnnotations())
                    .containsEntry("note", "x")
                    .containsKey("prometheus.io/port");
        }
    }

    private static String role(String name) {
        return Stream.of(
                        "extraEnv[0].name=A,ROLE.extraEnv[0].value=b",
                        "extraVolumes[0].name=extra,ROLE.extraVolumes[0].emptyDir.sizeLimit=1Mi",
                        "extraVolumeMounts[0].name=extra,ROLE.extraVolumeMounts[0].mountPath=/extra",
                        "priorityClassName=high",
                        "nodeSelector.disk=fast",
                        "tolerations[0].operator=Exists",
                        "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight=1",
                        "terminationGracePeriodSeconds=60",
                        "podAnnotations.note=x")
                .map(it -> "ROLE." + it)
                .collect(Collectors.joining(","))
                .replace("ROLE", name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            operator.replica=2                                        | additional properties 'replica' not allowed
            companion.door.urls=x                                     | at '/companion/door'
            operator.replicas=two                                     | at '/operator/replicas'
            plainVm.transfer=yes                                      | at '/plainVm/transfer'
            image.digest=latest                                       | at '/image/digest'
            operator.resources.limits.memory=1Gb                      | at '/operator/resources/limits/memory'
            companion.ledger.origin=https://x                         | at '/companion/ledger/origin'
            allowedNamespaces=a                                       | at '/allowedNamespaces'
            companion.httpRoute.paths[0]=/internal                    | at '/companion/httpRoute/paths/0'
            companion.door.url=                                       | --set companion.door.url=
            companion.ledger.origin=                                  | --set companion.ledger.origin=
            companion.ingress.enabled=true                            | companion.ingress.hosts is empty
            companion.httpRoute.enabled=true                          | companion.httpRoute.parentRefs is empty
            companion.enabled=false,companion.ingress.enabled=true    | set companion.enabled=true
            operator=null                                             | missing property 'operator'
            companion.door=null                                       | missing property 'door'
            companion.door.trustedProxies[0]=10.0.0.0/99              | at '/companion/door/trustedProxies/0'
            companion.door.trustedProxies[0]=10.0.0.256/8             | at '/companion/door/trustedProxies/0'
            companion.door.trustedProxies[0]=fd00::/129               | at '/companion/door/trustedProxies/0'
            companion.door.url=http://                                | at '/companion/door/url'
            companion.database.url=jdbc:postgresql:                   | at '/companion/database/url'
            providers.endpoints[0]=https://                           | at '/providers/endpoints/0'
            operator.resources.limits.memory=512                      | at '/operator/resources/limits/memory'
            image.repository=registry/anchorhold:1.2                  | at '/image/repository'
            companion.ledger.closeAfter=72hours                       | at '/companion/ledger/closeAfter'
            metrics.prometheusRule.runbooks=docs                      | at '/metrics/prometheusRule/runbooks'
            'allowedNamespaces={a,anchorhold-system}'                 | allowedNamespaces has anchorhold-system, which holds Secrets
            'allowedNamespaces={anchorhold-system-tokens}'            | allowedNamespaces has anchorhold-system-tokens
            providers.tokenNamespace=anchorhold-system                | providers.tokenNamespace is the namespace of the release
            """)
    void a_wrong_value_is_refused_by_its_name(String setting, String message) {
        assertThatThrownBy(() -> ChartRendering.of(setting))
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining(message);
    }

    @Test
    void labels_and_annotations_of_ones_own_stand_once_and_never_change_whose_pod_it_is() {
        ChartRendering rendering = ChartRendering.of(
                "operator.podLabels.app\\.kubernetes\\.io/name=other,operator.podLabels.team=a,operator.podAnnotations.prometheus\\.io/scrape=no");
        var pod = rendering
                .one(Deployment.class, "anchorhold-operator")
                .getSpec()
                .getTemplate()
                .getMetadata();
        assertThat(pod.getLabels())
                .containsEntry("app.kubernetes.io/name", "anchorhold")
                .containsEntry("team", "a");
        assertThat(pod.getAnnotations()).containsEntry("prometheus.io/scrape", "no");
    }

    private static Set<String> names(ChartRendering rendering) {
        Set<String> names = new HashSet<>();
        for (HasMetadata it : rendering.objects()) {
            String namespace =
                    it instanceof Namespaced ? " in " + it.getMetadata().getNamespace() : "";
            names.add(it.getKind() + " " + it.getMetadata().getName() + namespace);
        }
        return names;
    }

    private static String targetPort(ChartRendering rendering, String service, IntOrString port) {
        return rendering.one(Service.class, service).getSpec().getPorts().stream()
                .filter(it -> new IntOrString(it.getName()).equals(port) || new IntOrString(it.getPort()).equals(port))
                .map(ServicePort::getTargetPort)
                .map(IntOrString::getStrVal)
                .findFirst()
                .orElseThrow();
    }

    private static boolean hasToken(Container container) {
        return container.getVolumeMounts().stream()
                .anyMatch(it -> it.getMountPath().equals("/var/run/secrets/kubernetes.io/serviceaccount"));
    }

    private static List<Container> containers(PodSpec pod) {
        return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .toList();
    }

    private static String variable(Container container, String name) {
        return container.getEnv().stream()
                .filter(it -> it.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(container.getName() + " has no " + name))
                .getValue();
    }
}
