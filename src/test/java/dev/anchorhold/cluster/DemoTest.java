package dev.anchorhold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anchorhold.image.ImageBuild;
import dev.anchorhold.image.PauseImage;
import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import dev.anchorhold.world.ClusterNode;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.HelmRelease;
import dev.anchorhold.world.Programs;
import dev.anchorhold.world.ThrowawayFolder;
import dev.anchorhold.world.WorldFailure;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the chart's demo as somebody tries it who has nothing but a cluster: {@code helm install} with one value. */
@Tag("demo")
class DemoTest {
    private static final String NAMESPACE = "try";
    private static final String LABEL = "anchorhold.dev/demo";
    private static final String CHART =
            Programs.CHECKOUT.resolve("helm/anchorhold").toString();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ClusterNode node;
    private static ControlPlane cluster;

    @BeforeAll
    static void start() throws Exception {
        String missing = ClusterNode.missing();
        assumeTrue(missing.isEmpty(), "no cluster can be started here: it needs " + missing);
        Path all = ThrowawayFolder.create();
        Path images = Files.createDirectories(all.resolve("images"));
        ImageBuild.writeBoth(images.resolve("anchorhold.tar"), all.resolve("image"));
        PauseImage.write(Programs.cluster().resolve("pause"), images.resolve("pause.tar"));
        node = ClusterNode.start(all.resolve("node"), images);
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "stop the demo's cluster"));
        cluster = ControlPlane.connect(node.kubeconfig(), Files.createDirectories(all.resolve("kubernetes")));
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void one_value_brings_all_that_is_needed_and_uninstalling_leaves_nothing_and_it_can_be_had_again()
            throws Exception {
        refused_beside_a_cloud_that_is_not_its_own();

        String notes = install();
        awaitReady();

        assertThat(notes).contains("This is a DEMO", "its guests are played");
        the_books_tell_of_both();
        nobody_gets_into_the_database_without_the_password();
        no_real_cloud_can_be_added();
        an_upgrade_keeps_the_keys_and_cannot_end_the_demo();

        helm("uninstall", "anchorhold", "--wait", "--timeout=15m");
        await().untilAsserted(DemoTest::assertNothingIsLeft); // what its objects owned is collected a moment later

        install();
        awaitReady();
        helm("uninstall", "anchorhold", "--wait", "--timeout=15m");
        await().untilAsserted(DemoTest::assertNothingIsLeft); // what its objects owned is collected a moment later
    }

    private static void refused_beside_a_cloud_that_is_not_its_own() throws IOException {
        cluster.kubectl("apply", "--server-side", "--filename=" + Programs.CHECKOUT.resolve("crds"));
        cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=120s");
        applyText(realCloud());
        assertThatThrownBy(DemoTest::install)
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining("does not run beside real credentials")
                .hasMessageContaining("the ProviderConfig hetzner");
        cluster.kubectl("delete", "providerconfig", "hetzner");
        cluster.kubectl("delete", "--filename=" + Programs.CHECKOUT.resolve("crds"));
    }

    private static void the_books_tell_of_both() throws Exception {
        Path token = cluster.tokenOf(
                NAMESPACE, "anchorhold-demo-reader", ServiceAccountAuthenticator.AUDIENCE, Duration.ofHours(1));
        try (LocalPortForward companion = forward("companion", 8080)) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + companion.getLocalPort() + "/api/periods"))
                    .header("Authorization", "Bearer " + Files.readString(token).strip())
                    .build();
            // The companion comes up last, and what it missed is told to it by and by.
            await().untilAsserted(() -> assertThat(
                            HTTP.send(request, BodyHandlers.ofString()).body())
                    .contains("\"coder\"", "\"web\"", "\"Running\""));
        }
    }

    private static void nobody_gets_into_the_database_without_the_password() throws Exception {
        try (LocalPortForward database = forward("demo", 5432)) {
            String url = "jdbc:postgresql://127.0.0.1:" + database.getLocalPort() + "/anchorhold";
            DriverManager.getConnection(url, "anchorhold", password()).close();
            for (String user : new String[] {"anchorhold", "anchorhold-owner", "postgres"}) {
                assertThatThrownBy(() -> DriverManager.getConnection(url, user, "guessed"))
                        .isInstanceOf(SQLException.class)
                        .extracting(it -> ((SQLException) it).getSQLState())
                        .asString()
                        .startsWith("28"); // invalid authorization
            }
        }
    }

    private static void no_real_cloud_can_be_added() {
        assertThatThrownBy(() -> applyText(realCloud())).hasMessageContaining("this installation is a demo");
    }

    private static void an_upgrade_keeps_the_keys_and_cannot_end_the_demo() {
        Map<String, Map<String, String>> before = secrets();
        assertThat(before).hasSize(4);
        helm("upgrade", "anchorhold", CHART, "--set=demo.enabled=true", "--wait", "--timeout=15m");
        assertThat(secrets()).isEqualTo(before);
        assertThatThrownBy(() -> helm("upgrade", "anchorhold", CHART, "--set=demo.enabled=false"))
                .hasMessageContaining("this release is a demo, and stays one");
    }

    private static void assertNothingIsLeft() {
        for (String kind : new String[] {
            "agents,plainvms,accounts,providerconfigs,agentimages",
            "deployments,jobs,services,secrets,configmaps,serviceaccounts,roles,rolebindings,networkpolicies",
            "clusterroles,clusterrolebindings,validatingadmissionpolicies,namespaces"
        }) {
            assertThat(cluster.kubectl("get", kind, "--all-namespaces", "--output=name", "--selector=" + LABEL))
                    .isBlank();
        }
        assertThat(cluster.kubectl(
                        "get",
                        "agents,plainvms,accounts,providerconfigs,agentimages",
                        "--all-namespaces",
                        "--output=name"))
                .isBlank();
        assertThat(cluster.kubectl("get", "secrets", "--namespace=" + NAMESPACE, "--output=name"))
                .isBlank();
        assertThat(cluster.kubectl("get", "namespaces", "--output=name")).doesNotContain(NAMESPACE + "-tokens");
    }

    private static String install() {
        return helm("install", "anchorhold", CHART, "--set=demo.enabled=true", "--wait", "--timeout=15m");
    }

    private static String helm(String... arguments) {
        return HelmRelease.helm(cluster, NAMESPACE, arguments);
    }

    private static void awaitReady() {
        cluster.kubectl(
                "wait",
                "--for=condition=Ready",
                "--timeout=900s",
                "--namespace=" + NAMESPACE,
                "plainvm/web",
                "agent/coder");
    }

    private static Map<String, Map<String, String>> secrets() {
        return cluster.client().secrets().inNamespace(NAMESPACE).withLabel(LABEL).list().getItems().stream()
                .collect(Collectors.toMap(it -> it.getMetadata().getName(), Secret::getData));
    }

    private static String password() {
        return new String(
                Base64.getDecoder().decode(secrets().get("anchorhold-database").get("password")));
    }

    private static LocalPortForward forward(String component, int port) {
        Pod pod = cluster.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems()
                .getFirst();
        return cluster.client().pods().resource(pod).portForward(port);
    }

    private static String realCloud() {
        return """
            apiVersion: anchorhold.dev/v1alpha1
            kind: ProviderConfig
            metadata: {name: hetzner}
            spec:
              hetzner: {tokenSecretRef: {name: hetzner}}
              sizes: [{name: small, eu: [cx23], us: [cpx11]}]
            """;
    }

    private static void applyText(String text) throws IOException {
        cluster.kubectl("apply", "--filename=" + Files.writeString(Files.createTempFile("object", ".yaml"), text));
    }
}
