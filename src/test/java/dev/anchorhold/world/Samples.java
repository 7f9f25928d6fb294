package dev.anchorhold.world;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a fresh world has, so that a PlainVm can be applied at once: the simulated cloud's token, a ProviderConfig and an Account
 * ({@code k8s-dev/samples/world.yaml}), and a pair of SSH keys made for this world, whose public half is the account's.
 */
final class Samples {
    private Samples() {}

    static void apply(ControlPlane cluster, Path sshKey, URI endpoint, String token) {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("hetzner-token")
                        .withNamespace(Chart.NAMESPACE)
                        .endMetadata()
                        .withStringData(Map.of("token", token))
                        .build())
                .forceConflicts()
                .serverSideApply();
        Command.of(Programs.find("kubectl"), "apply", "--server-side", "--force-conflicts", "--filename=-")
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .input(manifest()
                        .replace("@HETZNER_ENDPOINT@", endpoint.toString())
                        .replace("@PUBLIC_KEY@", publicHalf(sshKey)))
                .run();
    }

    private static String manifest() {
        try {
            return Files.readString(Programs.CHECKOUT.resolve("k8s-dev/samples/world.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String publicHalf(Path key) {
        try {
            if (!Files.exists(key)) {
                Files.createDirectories(key.getParent());
                Command.of(Path.of("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "laptop", "-f", key.toString())
                        .run();
            }
            return Files.readString(Path.of(key + ".pub")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
