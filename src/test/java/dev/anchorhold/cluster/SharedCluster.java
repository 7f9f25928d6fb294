package dev.anchorhold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.WaitLimit;
import dev.anchorhold.image.ImageBuild;
import dev.anchorhold.image.PauseImage;
import dev.anchorhold.image.PreviousImage;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.ClusterNode;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.HelmRelease;
import dev.anchorhold.world.HetznerPart;
import dev.anchorhold.world.Programs;
import dev.anchorhold.world.ThrowawayFolder;
import dev.anchorhold.world.World;
import dev.anchorhold.world.WorldFolder;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The one cluster with the product in it that all tests of this package share. The first of them starts it, and it ends with the JVM. Each class
 * says by its {@code @Order} when it runs, and leaves the release as it found it.
 */
final class SharedCluster {
    private static final String TIMEOUT = "--timeout=" + WaitLimit.WAIT_LIMIT.toSeconds() + "s";

    /** Of the samples; guests beside the pods take more than two cores have. */
    private static final int REAL_GUESTS = 3;

    private static SharedCluster instance;
    private static boolean tried;

    private final WorldFolder folder;
    private final World world;
    private ControlPlane cluster;
    private HelmRelease release;
    private boolean previous = true;

    private SharedCluster() throws Exception {
        Path all = ThrowawayFolder.create();
        Path images = Files.createDirectories(all.resolve("images"));
        ImageBuild build = ImageBuild.write(images.resolve("anchorhold.tar"), all.resolve("image"));
        PreviousImage.write(images.resolve("previous.tar"), build, all.resolve("previous"));
        PauseImage.write(Programs.cluster().resolve("pause"), images.resolve("pause.tar"));
        folder = new WorldFolder(all.resolve("world"));
        folder.take();
        Files.createDirectories(folder.of("test"));
        AuditLog.writtenBy(folder.of("node"));
        world = new World(folder, System.out::println);
        Runtime.getRuntime().addShutdownHook(new Thread(world::close, "stop the cluster"));
        world.start(new World.Options(
                Optional.empty(),
                "auto",
                1,
                Set.of(),
                Optional.of(images),
                List.of("image.tag=" + PreviousImage.TAG),
                REAL_GUESTS));
        cluster = ControlPlane.connect(Path.of(folder.exported("KUBECONFIG")), folder.of("test"));
        release = HelmRelease.installed(cluster, folder.of("companion"));
    }

    /** The cluster with the release before this one in it, for the class that upgrades it. */
    static synchronized SharedCluster withPreviousRelease() throws Exception {
        if (instance == null) {
            String missing = ClusterNode.missing();
            assumeTrue(missing.isEmpty(), "no cluster can be started here: it needs " + missing);
            assertThat(tried)
                    .as("the cluster could not be started for a class before")
                    .isFalse();
            tried = true;
            instance = new SharedCluster();
        }
        return instance;
    }

    /** The cluster with the release of this checkout in it. */
    static synchronized SharedCluster withRelease() throws Exception {
        SharedCluster it = withPreviousRelease();
        if (it.previous) {
            it.upgrade();
        }
        return it;
    }

    boolean hasPreviousRelease() {
        return previous;
    }

    /** Installs this checkout's release with these settings (as of {@code --set}), and no others. */
    void upgrade(String... settings) {
        release.upgrade(settings);
        previous = false;
    }

    HelmRelease release() {
        return release;
    }

    ControlPlane kubernetes() {
        return cluster;
    }

    WorldFolder folder() {
        return folder;
    }

    Books books() {
        return new Books(folder);
    }

    /** @param object such as {@code plainvm/web} */
    String uid(String object) {
        return cluster.kubectl("get", object, "--output=jsonpath={.metadata.uid}");
    }

    HetznerSimulator hetzner() {
        return world.part(HetznerPart.class).simulator();
    }

    ClusterNode node() {
        return world.part(ClusterNode.class);
    }

    /** Whether servers are guests that run: an Agent needs one. */
    boolean hasGuests() {
        return world.part(HetznerPart.class).guestsAreReal();
    }

    void applySample(String name) {
        cluster.kubectl(
                "apply",
                "--filename=" + Programs.CHECKOUT.resolve("k8s-dev/samples").resolve(name));
    }

    /** Makes PlainVms of an account. */
    void createPlainVms(String account, List<String> names) {
        StringBuilder text = new StringBuilder();
        for (String it : names) {
            text.append("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: PlainVm
                metadata: {name: %s, namespace: default}
                spec: {account: %s, size: small, image: debian-12, sshKeys: [laptop]}
                ---
                """.formatted(it, account));
        }
        apply(text.toString());
    }

    void apply(String manifests) {
        try {
            Path file = Files.createTempFile(folder.of("test"), "objects", ".yaml");
            cluster.kubectl("apply", "--filename=" + Files.writeString(file, manifests));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param objects such as {@code plainvm/web} */
    void awaitReady(String... objects) {
        cluster.kubectl(Stream.concat(Stream.of("wait", "--for=condition=Ready", TIMEOUT), Stream.of(objects))
                .toArray(String[]::new));
    }

    void awaitPlainVms(List<String> names) {
        awaitReady(names.stream().map("plainvm/"::concat).toArray(String[]::new));
    }

    /** Returns when nothing is left of them. */
    void deletePlainVms(List<String> names) {
        cluster.kubectl(Stream.concat(Stream.of("delete", "plainvm", TIMEOUT), names.stream())
                .toArray(String[]::new));
    }

    /** The cloud's own list, id and name with the status, of the servers whose name begins so. */
    Map<String, String> servers(String prefix) {
        Map<String, String> servers = new TreeMap<>();
        for (int page = 1; page > 0; ) {
            JsonNode answer = hetzner().console().act("GET", "/servers?per_page=50&page=" + page, null);
            for (JsonNode it : answer.get("servers")) {
                if (it.get("name").asText().startsWith(prefix)) {
                    servers.put(
                            it.get("id").asText() + " " + it.get("name").asText(),
                            it.get("status").asText());
                }
            }
            page = answer.at("/meta/pagination/next_page").asInt(0);
        }
        return servers;
    }

    /** The newest action that the cloud knows of a server. */
    long newestAction() {
        return actions(1).path(0).path("id").asLong();
    }

    /** How many servers were created after that action, those that are gone included. */
    int createdAfter(long action) {
        int created = 0;
        for (int page = 1; ; page++) {
            JsonNode actions = actions(page);
            for (JsonNode it : actions) {
                if (it.get("id").asLong() <= action) {
                    return created;
                }
                created += it.get("command").asText().equals("create_server") ? 1 : 0;
            }
            if (actions.isEmpty()) {
                return created;
            }
        }
    }

    private JsonNode actions(int page) {
        return hetzner()
                .console()
                .act("GET", "/servers/actions?sort=id:desc&per_page=50&page=" + page, null)
                .get("actions");
    }

    /** @param component of the chart: {@code operator}, {@code companion} */
    List<Pod> pods(String component) {
        return cluster.client()
                .pods()
                .inNamespace(Chart.NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems();
    }

    /** The name of the operator's pod that leads. */
    Optional<String> leader() {
        return Optional.ofNullable(cluster.client()
                        .leases()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("anchorhold-operator")
                        .get())
                .map(it -> it.getSpec().getHolderIdentity());
    }

    /** The operator's process in that pod, as this computer sees it. */
    ProcessHandle operatorProcess(String pod) {
        return ProcessHandle.current()
                .descendants()
                .filter(it -> environment(it).contains("\0ANCHORHOLD_IDENTITY=" + pod + "\0"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process of pod " + pod));
    }

    private static String environment(ProcessHandle process) {
        try {
            return "\0" + Files.readString(Path.of("/proc/" + process.pid() + "/environ"));
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    /** Returns when as many pods of the component are ready as its Deployment wants, and no others are there. */
    void awaitPods(String component, int replicas) {
        await().untilAsserted(() -> assertThat(pods(component))
                .hasSize(replicas)
                .allSatisfy(pod -> assertThat(pod.getStatus().getConditions())
                        .anyMatch(it ->
                                it.getType().equals("Ready") && it.getStatus().equals("True"))));
    }
}
