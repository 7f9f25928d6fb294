package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Connects ports of this computer, on 127.0.0.1, with a {@link ClusterNode}'s network, which is otherwise apart. */
final class PortRelay implements WorldPart {
    private static final Path PROGRAM = Programs.CHECKOUT.resolve("k8s-dev/cluster/relay.py");

    private final String name;
    private final List<String> rules;
    private final Daemon daemon;

    private PortRelay(String name, List<String> rules, Daemon daemon) {
        this.name = name;
        this.rules = rules;
        this.daemon = daemon;
    }

    /** A rule: pods find this computer's port at the node's address. */
    static String intoNode(int port) {
        return "into:%s:%d=127.0.0.1:%d".formatted(ClusterNode.ADDRESS, port, port);
    }

    /** A rule: this computer's port leads to an address in the node's network. */
    static String outOfNode(int port, String address) {
        return "out:127.0.0.1:%d=%s".formatted(port, address);
    }

    static PortRelay start(String name, Path folder, ClusterNode node, List<String> rules) {
        return start(name, folder, node.pid(), rules);
    }

    static PortRelay start(String name, Path folder, long pid, List<String> rules) {
        List<String> command = new ArrayList<>(List.of("python3", PROGRAM.toString(), Long.toString(pid)));
        command.addAll(rules);
        Path own = folder.resolve("relay-" + name);
        Path log = own.resolve(name + ".log");
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Daemon daemon = Daemon.start(name, own, Map.of(), command);
        daemon.await(
                "listening", Duration.ofMinutes(1), () -> daemon.lastLines().contains("ready"));
        return new PortRelay(name, rules, daemon);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Health health() {
        return daemon.isAlive()
                ? new Health(true, String.join(", ", rules))
                : new Health(false, "has ended; its log: " + daemon.log());
    }

    @Override
    public List<Restartable> processes() {
        return List.of(daemon);
    }

    @Override
    public void close() {
        daemon.kill();
    }
}
