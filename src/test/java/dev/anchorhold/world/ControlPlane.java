package dev.anchorhold.world;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A Kubernetes control plane: a real API server with RBAC, admission policies, garbage collection and namespace deletion, but no
 * nodes. Either {@linkplain #start our own} on this machine or {@linkplain #connect one that the user names}.
 *
 * <p>Tests share one per JVM, {@link #shared()}, and make a {@linkplain #newNamespace namespace} each.
 */
public final class ControlPlane implements WorldPart {
    /** Our own accepts ServiceAccount tokens of this issuer too, as a cluster does whose issuer was changed. */
    public static final String FORMER_ISSUER = "https://former.kubernetes.default.svc";

    private final Path folder;
    private final Path kubeconfig;
    private final KubernetesClient client;
    private final Optional<ControlPlanePrograms> programs;
    private String user;

    private ControlPlane(Path folder, Path kubeconfig, Optional<ControlPlanePrograms> programs) {
        this.folder = folder;
        this.kubeconfig = kubeconfig;
        this.client = clientOf(kubeconfig);
        this.programs = programs;
    }

    /** Whether the data survive a crash of the machine, or the folder is only used once and may be fast instead. */
    public enum Storage {
        LASTING,
        THROWAWAY
    }

    /**
     * Starts our own in the folder, with what it held the last time, on the same ports if they are still free. Programs that a
     * killed predecessor left running there are stopped first.
     */
    public static ControlPlane start(Path folder, Storage storage) {
        ControlPlanePrograms programs = ControlPlanePrograms.start(folder.toAbsolutePath(), storage);
        ControlPlane it = new ControlPlane(folder.toAbsolutePath(), programs.adminKubeconfig(), Optional.of(programs));
        try {
            programs.awaitReady(it::isReady);
            return it;
        } catch (RuntimeException e) {
            it.close();
            throw e;
        }
    }

    /**
     * Uses a cluster that is already there, as whoever the kubeconfig says; that user must be an administrator.
     *
     * @param folder for the kubeconfigs that are made here
     */
    public static ControlPlane connect(Path kubeconfig, Path folder) {
        ControlPlane it = new ControlPlane(folder.toAbsolutePath(), kubeconfig.toAbsolutePath(), Optional.empty());
        if (!it.isReady()) {
            it.close();
            throw new WorldFailure("The cluster of " + kubeconfig + " does not answer. Try: kubectl --kubeconfig "
                    + kubeconfig + " get --raw /readyz");
        }
        return it;
    }

    /** The kubeconfig that the user names by {@code ANCHORHOLD_KUBECONFIG}, if any. */
    public static Optional<Path> namedByUser() {
        return Optional.ofNullable(System.getenv("ANCHORHOLD_KUBECONFIG"))
                .filter(it -> !it.isBlank())
                .map(Path::of);
    }

    /** The one control plane that all tests of this JVM share. It starts with the first call and ends with the JVM. */
    public static ControlPlane shared() {
        return Shared.INSTANCE;
    }

    private static final class Shared {
        private static final ControlPlane INSTANCE = namedByUser()
                .map(it -> connect(it, ThrowawayFolder.create()))
                .orElseGet(() -> start(ThrowawayFolder.create(), Storage.THROWAWAY));

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(INSTANCE::close, "stop the shared control plane"));
        }
    }

    /** The administrator's kubeconfig. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    /** A client with the administrator's rights; it belongs to this control plane, do not close it. */
    public KubernetesClient client() {
        return client;
    }

    /** A new client for a kubeconfig; the caller closes it. */
    public static KubernetesClient clientOf(Path kubeconfig) {
        try {
            Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
            return new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(config)
                            .withRequestRetryBackoffLimit(0)
                            // To delete a hundred objects at once takes a busy machine longer than the usual ten
                            // seconds.
                            .withRequestTimeout((int) Duration.ofMinutes(2).toMillis())
                            .build())
                    .build();
        } catch (IOException e) {
            throw new WorldFailure("Cannot read the kubeconfig " + kubeconfig + ": " + e.getMessage(), e);
        }
    }

    /** Makes a namespace whose name begins with the prefix and is used by nobody else. */
    public String newNamespace(String prefix) {
        String name =
                prefix + "-" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x100000, 0x1000000));
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Writes a kubeconfig with a fresh token of the ServiceAccount: exactly its rights, for as long as given. */
    public Path kubeconfigOf(String namespace, String serviceAccount, Duration lifetime) {
        String token = token(namespace, serviceAccount, List.of(), lifetime);
        return new Kubeconfig(client.getMasterUrl().toString(), authority(), token, namespace)
                .write(folder.resolve(namespace + "-" + serviceAccount + ".kubeconfig"));
    }

    /** Writes a file with a fresh token of the ServiceAccount that only the audience accepts. */
    public Path tokenOf(String namespace, String serviceAccount, String audience, Duration lifetime) {
        return Kubeconfig.writePrivately(
                folder.resolve("%s-%s-for-%s.token".formatted(namespace, serviceAccount, audience)),
                token(namespace, serviceAccount, List.of(audience), lifetime));
    }

    private String token(String namespace, String serviceAccount, List<String> audiences, Duration lifetime) {
        return client.serviceAccounts()
                .inNamespace(namespace)
                .withName(serviceAccount)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audiences)
                        .withExpirationSeconds(lifetime.toSeconds())
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    /** The key that signs ServiceAccount tokens; a cluster that the user names keeps its own to itself. */
    public Optional<PrivateKey> tokenKey() {
        return programs.map(ControlPlanePrograms::tokenKey);
    }

    private String authority() {
        Config config = client.getConfiguration();
        if (config.getCaCertData() != null) {
            return new String(Base64.getDecoder().decode(config.getCaCertData()), StandardCharsets.UTF_8);
        }
        try {
            return Files.readString(Path.of(config.getCaCertFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends the API server and starts it again on a compacted etcd: every watch breaks, and none can go on from where it was ({@code 410 Gone}).
     * Returns when it is ready. Only one that we started can do that.
     */
    public void restartApiServerOnCompactedEtcd() {
        programs.orElseThrow().restartApiServerOnCompactedEtcd();
        programs.orElseThrow().awaitReady(this::isReady);
    }

    /** The administrator, as the API server knows them. */
    public synchronized String user() {
        if (user == null) {
            user = kubectl("auth", "whoami", "--output=jsonpath={.status.userInfo.username}");
        }
        return user;
    }

    /**
     * Runs kubectl as the administrator.
     *
     * @return what it printed
     * @throws WorldFailure when it fails, with its output
     */
    public String kubectl(String... arguments) {
        return ExternalProgram.of(Programs.find("kubectl"), arguments)
                .environment("KUBECONFIG", kubeconfig.toString())
                .run();
    }

    @Override
    public String name() {
        return "kubernetes";
    }

    @Override
    public Health health() {
        String address = client.getMasterUrl().toString();
        for (Restartable it : processes()) {
            if (it.ending().isPresent()) {
                return new Health(false, it.name() + " has ended; its log is in " + folder);
            }
        }
        if (!isReady()) {
            return new Health(false, address + " does not answer");
        }
        boolean whole = programs.map(ControlPlanePrograms::hasControllers).orElse(true);
        return new Health(
                true,
                whole
                        ? address
                        : address + ", no garbage collection: KUBEBUILDER_ASSETS has no kube-controller-manager");
    }

    private boolean isReady() {
        try {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException _) {
            return false;
        }
    }

    /** The programs of our own control plane; none when the user's cluster is used. */
    @Override
    public List<Restartable> processes() {
        return programs.map(it -> List.<Restartable>copyOf(it.daemons())).orElse(List.of());
    }

    @Override
    public void close() {
        client.close();
        programs.ifPresent(ControlPlanePrograms::close);
    }
}
