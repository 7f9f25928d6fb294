package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.TestEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples, and manifests that leave out all that may be left out, as GitOps tools apply them: again and again. */
class SamplesTest {
    private static final ControlPlane CLUSTER = ControlPlane.shared();
    private static final Map<String, String> FILLED_IN = Map.of(
            "@HETZNER_ENDPOINT@", "http://127.0.0.1:1/v1",
            "@CLOUDFLARE_ENDPOINT@", "http://127.0.0.1:1/client/v4",
            "@CLOUDFLARE_ACCOUNT@", "0".repeat(32),
            "@CLOUDFLARE_ZONE@", "anchorhold.localhost",
            "@PUBLIC_URL@", "http://{host}:8080",
            "@PUBLIC_KEY@", TestEnvironment.KEY);

    /** What can be left out of lists is left out of them. */
    private static final String SPARSE = """
            apiVersion: anchorhold.dev/v1alpha1
            kind: Account
            metadata: {name: sparse}
            spec:
              providerConfigRef: {name: local}
              members: [{subject: ann@example.org}, {subject: ben@example.org, role: Owner}]
            ---
            apiVersion: anchorhold.dev/v1alpha1
            kind: AgentImage
            metadata: {name: sparse}
            spec: {repository: ghcr.io/acme/agent, digest: "sha256:%s", revision: 1}
            ---
            apiVersion: anchorhold.dev/v1alpha1
            kind: PlainVm
            metadata: {name: sparse, namespace: default}
            spec:
              account: acme
              size: small
              image: debian-12
              oneTimePassword: true
              firewall: {inbound: [{protocol: udp, port: any}, {protocol: esp, sources: [2001:db8::/32]}]}
            """.formatted("0".repeat(64));

    @TempDir
    private static Path folder;

    private static String namespace;
    private static List<Path> samples;

    @BeforeAll
    static void open() throws IOException {
        TestEnvironment.chart();
        namespace = CLUSTER.newNamespace("samples");
        Files.writeString(folder.resolve("sparse.yaml"), inNamespace(SPARSE));
        try (Stream<Path> files = Files.list(Programs.CHECKOUT.resolve("k8s-dev/samples"))) {
            for (Path file : files.toList()) {
                String text = Files.readString(file);
                if (text.contains("apiVersion:")) { // prices.yaml is no manifest
                    Files.writeString(folder.resolve(file.getFileName()), inNamespace(text));
                }
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            samples = files.sorted().toList();
        }
        assertThat(samples).hasSizeGreaterThanOrEqualTo(5);
    }

    private static String inNamespace(String manifest) {
        String text = manifest.replace("namespace: default", "namespace: " + namespace);
        for (var it : FILLED_IN.entrySet()) {
            text = text.replace(it.getKey(), it.getValue());
        }
        return text;
    }

    @AfterAll
    static void close() {
        samples.forEach(it -> CLUSTER.kubectl("delete", "--ignore-not-found", "--wait=false", "--filename=" + it));
    }

    @Test
    void H23_every_sample_applied_twice_is_unchanged_client_side_and_server_side() {
        for (Path sample : samples) {
            CLUSTER.kubectl("apply", "--filename=" + sample);
            assertThat(CLUSTER.kubectl("apply", "--filename=" + sample).lines())
                    .as("%s applied again", sample.getFileName())
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(" unchanged"));
            assertThat(CLUSTER.kubectl("diff", "--filename=" + sample)).isEmpty();
        }
        for (Path sample : samples) {
            CLUSTER.kubectl("apply", "--server-side", "--force-conflicts", "--filename=" + sample);
            String once = versions(sample);
            CLUSTER.kubectl("apply", "--server-side", "--filename=" + sample);
            assertThat(versions(sample))
                    .as("%s applied again", sample.getFileName())
                    .isEqualTo(once);
            assertThat(CLUSTER.kubectl("diff", "--server-side", "--filename=" + sample))
                    .isEmpty();
        }
    }

    private static String versions(Path sample) {
        return CLUSTER.kubectl(
                "get",
                "--filename=" + sample,
                "--output=jsonpath={range .items[*]}{.metadata.resourceVersion} {end}{.metadata.resourceVersion}");
    }
}
