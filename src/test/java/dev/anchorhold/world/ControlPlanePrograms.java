package dev.anchorhold.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.world.ControlPlane.Storage;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Runs etcd, kube-apiserver and kube-controller-manager on this machine, for one user at a time: etcd is open to whoever can
 * connect to 127.0.0.1. The API server makes its own certificate.
 */
final class ControlPlanePrograms implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What a cluster does with the objects that the product and its thieves can make; the rest is about nodes and workloads, which there are none of. */
    private static final String CONTROLLERS = String.join(
            ",",
            "garbage-collector-controller",
            "namespace-controller",
            "serviceaccount-controller",
            "serviceaccount-token-controller",
            "clusterrole-aggregation-controller",
            "validatingadmissionpolicy-status-controller");

    private final Path folder;
    private final Storage storage;
    private final String etcdAddress;
    private final String peerAddress;
    private final int apiPort;
    private final String adminToken = randomToken();
    private final String managerToken = randomToken();
    private final List<Daemon> daemons = new ArrayList<>();

    private ControlPlanePrograms(Path folder, Storage storage) {
        this.folder = folder;
        this.storage = storage;
        Properties ports = ports();
        this.etcdAddress = "http://127.0.0.1:" + ports.getProperty("etcd");
        this.peerAddress = "http://127.0.0.1:" + ports.getProperty("peer");
        this.apiPort = Integer.parseInt(ports.getProperty("api"));
    }

    static ControlPlanePrograms start(Path folder, Storage storage) {
        Daemon.stopLeftovers(folder);
        ControlPlanePrograms it = new ControlPlanePrograms(folder, storage);
        try {
            it.startAll();
            return it;
        } catch (RuntimeException e) {
            it.close();
            throw e;
        }
    }

    /** The three start side by side: the API server waits for etcd, the controller manager for the API server. */
    private void startAll() {
        makeTokenKey();
        start("etcd", etcd());
        Daemon api = start("kube-apiserver", apiServer());
        api.await("listening", PATIENCE, () -> Files.exists(certificate().resolveSibling("apiserver.key")));
        kubeconfig(adminToken).write(adminKubeconfig());
        kubeconfig(managerToken).write(managerKubeconfig());
        if (Programs.findOptional("kube-controller-manager").isPresent()) {
            start("kube-controller-manager", controllerManager());
        }
    }

    void awaitReady(BooleanSupplier ready) {
        daemons.get(1)
                .await("ready", PATIENCE, () -> daemons.stream().allMatch(Daemon::isAlive) && ready.getAsBoolean());
    }

    /**
     * Ends the API server at once, compacts etcd, so that no version of any object is left but the last, and starts the API server again. Does not
     * wait until it is ready.
     */
    void restartApiServerOnCompactedEtcd() {
        Daemon api = daemons.get(1);
        api.kill();
        JsonNode newest = etcd("/v3/kv/range", "{\"key\": \"AA==\"}");
        etcd(
                "/v3/kv/compaction",
                "{\"revision\": %s, \"physical\": true}"
                        .formatted(newest.at("/header/revision").asText()));
        api.restart();
    }

    /** A call of etcd's API, as JSON. */
    private JsonNode etcd(String path, String body) {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(etcdAddress + path))
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new WorldFailure("etcd answers " + answer.statusCode() + ": " + answer.body());
            }
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldFailure("Interrupted while etcd was asked", e);
        }
    }

    /** Whether garbage collection and the deletion of namespaces work. */
    boolean hasControllers() {
        return daemons.size() == 3;
    }

    Path adminKubeconfig() {
        return folder.resolve("admin.kubeconfig");
    }

    List<Daemon> daemons() {
        return List.copyOf(daemons);
    }

    private Daemon start(String program, List<String> flags) {
        List<String> command = new ArrayList<>(List.of(Programs.find(program).toString()));
        command.addAll(flags);
        Daemon daemon = Daemon.start(program, folder, Map.of(), command);
        daemons.add(daemon);
        return daemon;
    }

    private List<String> etcd() {
        Stream<String> flags = Stream.of(
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + etcdAddress,
                "--advertise-client-urls=" + etcdAddress,
                "--listen-peer-urls=" + peerAddress,
                "--initial-advertise-peer-urls=" + peerAddress,
                "--initial-cluster=default=" + peerAddress,
                "--log-level=warn");
        return storage == Storage.THROWAWAY
                ? Stream.concat(flags, Stream.of("--unsafe-no-fsync")).toList()
                : flags.toList();
    }

    private List<String> apiServer() {
        Path users = Kubeconfig.writePrivately(folder.resolve("users.csv"), """
            %s,admin,admin,system:masters
            %s,system:kube-controller-manager,system:kube-controller-manager
            """.formatted(adminToken, managerToken));
        return List.of(
                "--etcd-servers=" + etcdAddress,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + apiPort,
                "--cert-dir=" + certificate().getParent(),
                "--token-auth-file=" + users,
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc", // the first is published, all are accepted
                "--service-account-issuer=" + ControlPlane.FORMER_ISSUER,
                "--service-account-key-file=" + tokenKey("public"),
                "--service-account-signing-key-file=" + tokenKey("private"),
                "--service-cluster-ip-range=10.0.0.0/24");
    }

    private List<String> controllerManager() {
        return List.of(
                "--kubeconfig=" + managerKubeconfig(),
                "--use-service-account-credentials",
                "--service-account-private-key-file=" + tokenKey("private"),
                "--controllers=" + CONTROLLERS,
                "--leader-elect=false",
                "--secure-port=0");
    }

    private Path managerKubeconfig() {
        return folder.resolve("controller-manager.kubeconfig");
    }

    private Path certificate() {
        return folder.resolve("certificates/apiserver.crt");
    }

    private Kubeconfig kubeconfig(String token) {
        try {
            return new Kubeconfig("https://127.0.0.1:" + apiPort, Files.readString(certificate()), token, "default");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The key that ServiceAccount tokens are signed with; it stays, so that tokens outlive a restart. */
    private void makeTokenKey() {
        if (Files.exists(tokenKey("public"))) {
            return;
        }
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            Kubeconfig.writePrivately(tokenKey("private"), pem("PRIVATE KEY", pair.getPrivate()));
            Kubeconfig.writePrivately(tokenKey("public"), pem("PUBLIC KEY", pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    PrivateKey tokenKey() {
        try {
            String base64 = Files.readString(tokenKey("private")).replaceAll("-----[A-Z ]+-----", "");
            return KeyFactory.getInstance("EC")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path tokenKey(String half) {
        return folder.resolve("service-accounts-" + half + ".pem");
    }

    private static String pem(String label, Key key) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, base64);
    }

    private static String randomToken() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The ports of the last time where they are still free, so that a kubeconfig in somebody's shell stays good. */
    private Properties ports() {
        Path file = folder.resolve("ports.properties");
        Properties ports = new Properties();
        try {
            Files.createDirectories(folder);
            if (Files.exists(file)) {
                try (Reader reader = Files.newBufferedReader(file)) {
                    ports.load(reader);
                }
            }
            for (String name : List.of("etcd", "peer", "api")) {
                int port = Optional.ofNullable(ports.getProperty(name))
                        .map(it -> Ports.freeFrom(Integer.parseInt(it)))
                        .orElseGet(Ports::free);
                ports.setProperty(name, Integer.toString(port));
            }
            try (Writer writer = Files.newBufferedWriter(file)) {
                ports.store(writer, null);
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks etcd to end, since it stores all state; the others have none and are killed. */
    @Override
    public void close() {
        for (Daemon daemon : daemons.reversed()) {
            if (daemon == daemons.getFirst() && storage == Storage.LASTING) {
                daemon.close();
            } else {
                daemon.kill();
            }
        }
    }
}
