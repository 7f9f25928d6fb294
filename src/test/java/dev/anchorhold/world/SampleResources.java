package dev.anchorhold.world;

import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Applies what a new world has, so that a PlainVm or an Agent can be applied at once: the simulated clouds' tokens, a
 * ProviderConfig, two Accounts and who reads their books ({@code k8s-dev/samples/world.yaml}), and a pair of SSH keys
 * made for this world, whose public half is the accounts'.
 */
final class SampleResources {
    /** The prices by which usage is billed. */
    static final Path PRICES = Programs.CHECKOUT.resolve("k8s-dev/samples/prices.yaml");

    private SampleResources() {}

    /** @param address where the operator finds this computer's ports */
    static void apply(
            ControlPlane cluster, Path sshKey, HetznerPart hetzner, CloudflarePart cloudflare, String address) {
        token(cluster, "hetzner-token", hetzner.token());
        token(cluster, "cloudflare-token", cloudflare.simulator().token());
        ExternalProgram.of(Programs.find("kubectl"), "apply", "--server-side", "--force-conflicts", "--filename=-")
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .input(manifest()
                        .replace("@HETZNER_ENDPOINT@", seenFrom(address, hetzner.endpoint()))
                        .replace(
                                "@CLOUDFLARE_ENDPOINT@",
                                seenFrom(address, cloudflare.simulator().endpoint()))
                        .replace("@CLOUDFLARE_ACCOUNT@", cloudflare.simulator().accountId())
                        .replace("@CLOUDFLARE_ZONE@", CloudflarePart.ZONE)
                        .replace("@PUBLIC_URL@", cloudflare.publicUrl())
                        .replace("@PUBLIC_KEY@", publicHalf(sshKey)))
                .run();
    }

    private static String seenFrom(String address, URI endpoint) {
        return endpoint.toString().replace("127.0.0.1", address);
    }

    /** The file with the token by which the ServiceAccount {@code default/reader} reads the accounts' books. */
    static Path readersToken(ControlPlane cluster) {
        return cluster.tokenOf("default", "reader", ServiceAccountAuthenticator.AUDIENCE, Duration.ofDays(30));
    }

    private static void token(ControlPlane cluster, String name, String token) {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(Chart.TOKENS)
                        .addToLabels(ApiNames.PROVIDER_TOKEN, "true")
                        .endMetadata()
                        .withStringData(Map.of("token", token))
                        .build())
                .forceConflicts()
                .serverSideApply();
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
                ExternalProgram.of(
                                Path.of("ssh-keygen"),
                                "-q",
                                "-t",
                                "ed25519",
                                "-N",
                                "",
                                "-C",
                                "laptop",
                                "-f",
                                key.toString())
                        .run();
            }
            return Files.readString(Path.of(key + ".pub")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
