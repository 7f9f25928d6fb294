package dev.anchorhold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.world.Chart;
import dev.anchorhold.world.SignInLinks;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests operator and companion as pods of one cluster that all tests share: the rights, limits and probes of the chart are the ones that count. */
@Tag("cluster")
@Order(20)
class ClusterTest {
    private static SharedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = SharedCluster.withRelease();
    }

    @Test
    void each_container_has_limits_and_none_was_restarted_and_the_namespace_lets_in_restricted_pods_alone() {
        for (Pod pod : cluster.kubernetes()
                .client()
                .pods()
                .inNamespace(Chart.NAMESPACE)
                .list()
                .getItems()) {
            for (Container it : pod.getSpec().getContainers()) {
                assertThat(it.getResources().getLimits()).containsKey("memory");
            }
            assertThat(pod.getStatus().getContainerStatuses()).allSatisfy(it -> {
                assertThat(it.getReady()).isTrue();
                assertThat(it.getLastState().getTerminated())
                        .as("how %s ended before", it.getName())
                        .matches(end -> end == null || !"OOMKilled".equals(end.getReason()));
            });
        }
        Pod asRoot = new PodBuilder()
                .withNewMetadata()
                .withName("root")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("root")
                .withImage("localhost/pause:1")
                .endContainer()
                .endSpec()
                .build();
        assertThatThrownBy(() -> cluster.kubernetes()
                        .client()
                        .pods()
                        .inNamespace(Chart.NAMESPACE)
                        .resource(asRoot)
                        .create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("restricted");
    }

    @Test
    void the_samples_become_ready_and_the_books_end_nothing_that_is_there() throws Exception {
        cluster.applySample("plainvm.yaml");
        cluster.awaitReady("plainvm/web");
        cluster.books().assertNotEnded(cluster.uid("plainvm/web"));
        if (cluster.hasGuests()) {
            cluster.applySample("agent.yaml");
            cluster.awaitReady("agent/coder");
            cluster.books().assertNotEnded(cluster.uid("agent/coder"));
        }
    }

    @Test
    void one_signs_in_to_the_dashboard_of_the_pods() throws Exception {
        URI link = SignInLinks.create(cluster.folder(), SignInLinks.DEVELOPER);
        String cookie = SignInLinks.follow(link)
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow()
                .replaceFirst(";.*", "");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> page = http.send(
                    HttpRequest.newBuilder(link.resolve("/dashboard/"))
                            .header("Cookie", cookie)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("ACME", "Globex");
        }
    }

    @Test
    void the_login_for_a_private_image_is_read_from_the_namespace_of_the_tokens() {
        cluster.apply("""
            apiVersion: v1
            kind: Secret
            metadata: {name: private, namespace: %s, labels: {anchorhold.dev/pull-secret: "true"}}
            type: kubernetes.io/dockerconfigjson
            stringData:
              .dockerconfigjson: '{"auths": {"registry.example.org": {"username": "reader", "password": "secret"}}}'
            ---
            apiVersion: anchorhold.dev/v1alpha1
            kind: AgentImage
            metadata: {name: private}
            spec:
              repository: registry.example.org/private
              digest: sha256:%s
              revision: 1
              pullSecretRef: {name: private}
            """.formatted(Chart.TOKENS, "0".repeat(64)));

        cluster.awaitReady("agentimage/private");
    }

    @Test
    void an_operator_killed_in_the_middle_of_a_create_makes_one_server_of_each_object() {
        List<String> objects = List.of("killed-1", "killed-2", "killed-3");
        cluster.createPlainVms("acme", objects);
        await().until(() -> cluster.servers("killed-").values().stream().anyMatch(it -> !it.equals("running")));

        killOperator();

        cluster.awaitPlainVms(objects);
        assertThat(cluster.servers("killed-")).hasSize(3);
        cluster.deletePlainVms(objects);
        assertThat(cluster.servers("killed-")).isEmpty();
    }

    @Test
    void F96_uninstalled_and_installed_again_the_chart_takes_up_everything_and_makes_nothing_anew() {
        cluster.createPlainVms("acme", List.of("kept"));
        cluster.awaitReady("plainvm/kept");
        Map<String, String> before = cluster.servers("kept");

        cluster.release().uninstall();
        try {
            await().until(() -> cluster.pods("operator").isEmpty()); // Helm does not wait for their end
            cluster.kubernetes().kubectl("get", "plainvm", "kept");
            assertThat(cluster.servers("kept")).isEqualTo(before);
        } finally {
            cluster.release().mend(); // as ./dev cluster up does; for the other tests too
        }

        cluster.createPlainVms("acme", List.of("after"));
        cluster.awaitReady("plainvm/kept", "plainvm/after");
        assertThat(cluster.servers("kept")).isEqualTo(before);
        cluster.deletePlainVms(List.of("kept", "after"));
        assertThat(cluster.servers("kept")).isEmpty();
        assertThat(cluster.servers("after")).isEmpty();
    }

    @Test
    void an_upgrade_that_would_lose_servers_or_books_is_refused_with_the_remedy() {
        cluster.createPlainVms("acme", List.of("stays"));
        cluster.awaitReady("plainvm/stays");
        assertThatThrownBy(() -> cluster.release().upgrade("installation=another"))
                .hasMessageContaining("installation=another: there are Agents or PlainVms whose servers belong to");
        assertThatThrownBy(() -> cluster.release().upgrade("companion.enabled=false"))
                .hasMessageContaining("To stop it for a while set companion.replicas=0");
    }

    @Test
    void F98_an_upgrade_whose_migration_fails_leaves_the_old_pods_serving_and_is_rolled_back() throws Exception {
        cluster.apply("""
            apiVersion: v1
            kind: Secret
            metadata: {name: no-such-owner, namespace: %s}
            stringData: {username: no-such-owner, password: none}
            """.formatted(Chart.NAMESPACE));
        cluster.awaitPods("operator", 1); // those of an upgrade before end in their time
        cluster.awaitPods("companion", 1);
        List<String> before = serving();
        try (Visitors visitors = new Visitors(cluster)) {
            visitors.start();

            assertThatThrownBy(() -> cluster.release()
                            .upgradeOrRollBack(Duration.ofMinutes(1), "companion.database.ownerSecret=no-such-owner"))
                    .hasMessageContaining("has been rolled back");

            visitors.stop();
            assertThat(visitors.failures()).isEmpty();
            assertThat(visitors.objects()).as("made and deleted meanwhile").isNotEmpty();
        }
        cluster.awaitPods("companion", 1);
        assertThat(serving()).isEqualTo(before);
        cluster.kubernetes().kubectl("delete", "secret", "no-such-owner", "--namespace=" + Chart.NAMESPACE);
    }

    /** The pods of both roles, each with how often it was restarted. */
    private static List<String> serving() {
        return Stream.of("operator", "companion")
                .flatMap(it -> cluster.pods(it).stream())
                .map(it -> it.getMetadata().getName() + " "
                        + it.getStatus().getContainerStatuses().getFirst().getRestartCount())
                .toList();
    }

    private static void killOperator() {
        List<Pod> pods = cluster.pods("operator");
        assertThat(pods).isNotEmpty();
        pods.forEach(it ->
                cluster.kubernetes().client().resource(it).withGracePeriod(0).delete());
    }
}
