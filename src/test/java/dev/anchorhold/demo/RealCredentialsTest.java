package dev.anchorhold.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.world.Chart;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests at a real API server what the demo refuses to run beside, where no template looked before. */
class RealCredentialsTest {
    private static final String HETZNER = "http://demo.try.svc:8080/v1";
    private static final String CLOUDFLARE = "http://demo.try.svc:8081/client/v4";

    private final ControlPlane cluster = ControlPlane.shared();
    private final KubernetesClient kubernetes = cluster.client();
    private final String namespace = cluster.newNamespace("demo");
    private final String tokens = cluster.newNamespace("demo-tokens");

    @BeforeEach
    void install() {
        Chart.install(cluster, Map.of());
    }

    @AfterEach
    void removeProviders() {
        for (String it : new String[] {"real", "own", "half-real"}) {
            kubernetes
                    .genericKubernetesResources("anchorhold.dev/v1alpha1", "ProviderConfig")
                    .withName(it + namespace)
                    .delete();
        }
    }

    @Test
    void it_names_each_thing_that_is_real_and_nothing_of_the_demo() {
        provider("real", "https://api.hetzner.cloud/v1", CLOUDFLARE);
        provider("half-real", HETZNER, "https://api.cloudflare.com/client/v4");
        provider("own", HETZNER, CLOUDFLARE);
        secret(tokens, "real-token", "anchorhold.dev/provider-token: 'true'");
        secret(tokens, "own-token", "anchorhold.dev/provider-token: 'true', anchorhold.dev/demo: 'true'");
        secret(tokens, "no-token", "a: b");
        secret(namespace, "database-owner", "a: b");
        secret(namespace, "database", "anchorhold.dev/demo: 'true'");
        secret(namespace, "somebody-elses", "a: b");

        assertThatThrownBy(new RealCredentials(kubernetes, settings())::refuse)
                .hasMessageContainingAll(
                        "the ProviderConfig real" + namespace,
                        "the ProviderConfig half-real" + namespace,
                        "the provider's token real-token in namespace " + tokens,
                        "the Secret database-owner in namespace " + namespace)
                .hasMessageNotContainingAny(
                        "ProviderConfig own", "own-token", "no-token", "Secret database in", "somebody-elses");
    }

    @Test
    void beside_them_the_setup_makes_nothing() {
        provider("real", "https://api.hetzner.cloud/v1", CLOUDFLARE);

        assertThatThrownBy(new DemoSetup(kubernetes, settings())::run)
                .isInstanceOf(Demo.DemoFailure.class)
                .hasMessageContaining("does not run beside real credentials");

        for (String it : new String[] {namespace, tokens}) {
            assertThat(kubernetes.secrets().inNamespace(it).list().getItems()).isEmpty();
        }
    }

    private DemoSettings settings() {
        Map<String, String> environment = new HashMap<>();
        environment.put("NAMESPACE", namespace);
        environment.put("TOKEN_NAMESPACE", tokens);
        environment.put("HETZNER_ENDPOINT", HETZNER);
        environment.put("CLOUDFLARE_ENDPOINT", CLOUDFLARE);
        environment.put("APPLICATION_SECRET", "database");
        environment.put("OWNER_SECRET", "database-owner");
        environment.put("SEALING_KEYS_SECRET", "sealing-keys");
        environment.put("LOG_KEY_SECRET", "log-key");
        Map<String, String> prefixed = new HashMap<>();
        environment.forEach((name, value) -> prefixed.put("ANCHORHOLD_DEMO_" + name, value));
        return DemoSettings.ofEnvironment(prefixed);
    }

    private void provider(String name, String hetzner, String cloudflare) {
        apply("""
            apiVersion: anchorhold.dev/v1alpha1
            kind: ProviderConfig
            metadata: {name: %s%s}
            spec:
              hetzner: {endpoint: "%s", tokenSecretRef: {name: hetzner}}
              cloudflare:
                endpoint: "%s"
                accountId: 7d003b32e0676bd1645acc245ee97db7
                zone: example.org
                tokenSecretRef: {name: cloudflare}
              sizes: [{name: small, eu: [cx23], us: [cpx11]}]
            """.formatted(name, namespace, hetzner, cloudflare));
    }

    private void secret(String namespace, String name, String labels) {
        apply("""
            apiVersion: v1
            kind: Secret
            metadata: {name: %s, namespace: %s, labels: {%s}}
            """.formatted(name, namespace, labels));
    }

    private void apply(String manifest) {
        kubernetes.resource(manifest).fieldManager("test").serverSideApply();
    }
}
