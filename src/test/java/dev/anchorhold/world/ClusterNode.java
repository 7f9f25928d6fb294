package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Kubernetes cluster of one node whose pods really run: {@code k8s-dev/cluster/node}, in namespaces of its own. All of it ends with its
 * process; its state stays in the folder.
 */
public final class ClusterNode implements WorldPart {
    /** The node's address, at which pods find what {@link PortRelay#intoNode} shows them. */
    static final String ADDRESS = "172.30.0.1";

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String CONTAINERD = "/run/containerd/containerd.sock";

    private final Path folder;
    private final Daemon node;
    private final PortRelay api;
    private final Path kubeconfig;

    private ClusterNode(Path folder, Daemon node, PortRelay api, Path kubeconfig) {
        this.folder = folder;
        this.node = node;
        this.api = api;
        this.kubeconfig = kubeconfig;
    }

    /** What a cluster needs and this computer lacks, for people to read; empty when it can be had. */
    public static String missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "root";
        }
        return Stream.of("containerd", "runc", "ctr", "iptables", "ip", "openssl", "python3", "/usr/lib/cni/bridge")
                .filter(it -> Stream.of("/usr/sbin/", "/usr/bin/", "/sbin/", "/usr/local/bin/", "")
                        .noneMatch(folder -> Files.isExecutable(Path.of(folder + it))))
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    /**
     * Starts it in the folder, with what it held the last time, and imports images.
     *
     * @param images a folder with images' archives, {@code NAME.tar}
     */
    public static ClusterNode start(Path folder, Path images) {
        if (!missing().isEmpty()) {
            throw new WorldFailure(
                    "A cluster of our own needs root on Linux, and what k8s-dev/cluster/packages.txt lists; missing is: "
                            + missing()
                            + ". In a cluster of yours, install the chart with the image of ./dev image: docs/operations.md#the-image");
        }
        Path programs = Programs.cluster();
        Daemon.stopLeftovers(folder);
        removeControlGroups(folder);
        Path ready = folder.resolve("ready");
        delete(ready);
        Daemon node = Daemon.start(
                "node",
                folder,
                Map.of(),
                List.of(
                        Programs.CHECKOUT.resolve("k8s-dev/cluster/node").toString(),
                        folder.toString(),
                        programs.toString()));
        try {
            node.await("ready", PATIENCE, () -> Files.exists(ready));
            importImages(node, images);
            int port = Ports.free();
            PortRelay api = PortRelay.start(
                    "api-server", folder, node.pid(), List.of(PortRelay.outOfNode(port, "127.0.0.1:6443")));
            String admin = Files.readString(folder.resolve("pki/admin.kubeconfig"));
            Path kubeconfig = Kubeconfig.writePrivately(
                    folder.resolve("admin.kubeconfig"), admin.replace(ADDRESS + ":6443", "127.0.0.1:" + port));
            return new ClusterNode(folder, node, api, kubeconfig);
        } catch (IOException e) {
            node.kill();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            node.kill();
            throw e;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** There is no registry: pods find in the node what is imported here. */
    private static void importImages(Daemon node, Path images) throws IOException {
        List<Path> archives;
        try (Stream<Path> files = Files.list(images)) {
            archives =
                    files.filter(it -> it.toString().endsWith(".tar")).sorted().toList();
        }
        for (Path it : archives) {
            ExternalProgram.of(
                            Path.of("nsenter"),
                            "--target=" + node.pid(),
                            "--mount",
                            "--net",
                            "ctr",
                            "--address=" + CONTAINERD,
                            "--namespace=k8s.io",
                            "images",
                            "import",
                            it.toAbsolutePath().toString())
                    .run();
        }
    }

    /** The kernel keeps them, empty, when the processes in them are gone, which takes those a moment. */
    private static void removeControlGroups(Path folder) {
        Path file = folder.resolve("control-group");
        if (!Files.exists(file)) {
            return;
        }
        try {
            String name = Files.readString(file).strip();
            ExternalProgram.of(Path.of("sh"), "-c", """
                for _ in $(seq 50); do
                  left=$(find /sys/fs/cgroup /sys/fs/cgroup/* -maxdepth 1 -path "*$0" 2>/dev/null)
                  [ -n "$left" ] || exit 0
                  find $left -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
                done""", name).run();
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program of this computer in the node's network. */
    public String runInNetwork(String program, String... arguments) {
        return ExternalProgram.of(
                        Path.of("nsenter"),
                        Stream.concat(Stream.of("--target=" + node.pid(), "--net", program), Stream.of(arguments))
                                .toArray(String[]::new))
                .run();
    }

    /** The administrator's, for use on this computer. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    /** A process in the node's network. */
    long pid() {
        return node.pid();
    }

    @Override
    public String name() {
        return "node";
    }

    @Override
    public Health health() {
        return node.isAlive()
                ? new Health(true, "one node, in namespaces of its own; its logs: " + folder.resolve("logs"))
                : new Health(false, "has ended; its logs: " + folder.resolve("logs"));
    }

    @Override
    public void close() {
        api.close();
        node.kill();
        removeControlGroups(folder);
    }
}
