package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDrivers.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The network of a world's guests: a network namespace with the gateway 172.31.1.1 and fe80::1, DHCP, DNS, the
 * metadata service and Hetzner's firewall, and beyond the gateway an "internet" of a few addresses that clients
 * connect from. Guests are attached to its bridge, each at a port that sees only the gateway. There is no way from it
 * to this computer's own network, nor back but for root, who may enter the namespace.
 *
 * <p>Its name holds a hash of the world's folder, so that worlds run side by side and each finds its own leftovers.
 * Linux as root; nftables, dnsmasq, iproute2.
 */
final class Fabric implements AutoCloseable {

    /** Where clients connect from: the first address of each, unless they bind to another. The simulator gives servers none of these. */
    private static final List<String> INTERNET = List.of("192.0.2.0/24", "3fff::/64");

    /** Hetzner's resolvers. Here they know no name, and answer so at once. */
    private static final List<String> RESOLVERS =
            List.of("185.12.64.1", "185.12.64.2", "2a01:4ff:ff00::add:1", "2a01:4ff:ff00::add:2");

    private final Path folder;
    private final String name;
    private final Map<Long, Machine> plugged = new ConcurrentHashMap<>();
    private final GatewayServices services;

    private Fabric(Path folder) {
        this.folder = folder;
        this.name = name(folder);
        this.services = new GatewayServices(this, folder);
    }

    /**
     * @param folder the world's folder for guests, an absolute path
     * @param base the guests' base image, with which the registry's program comes
     */
    static Fabric up(Path folder, Path base) {
        removeLeftovers(folder);
        var fabric = new Fabric(folder);
        fabric.build(base);
        return fabric;
    }

    /** For scans of a fabric that is up. */
    static Fabric of(Path folder) {
        return new Fabric(folder);
    }

    /** Ends and removes all that a world left on this computer when it was killed. Disks stay. */
    static void removeLeftovers(Path folder) {
        var name = name(folder);
        Cgroup.of(name).remove();
        for (var namespace : namespaces(name)) {
            HostCommand.of("ip", "netns", "delete", namespace).run();
        }
        LoopDevices.removeLeftovers(folder);
    }

    private static List<String> namespaces(String name) {
        try (Stream<Path> all = Files.exists(Path.of("/run/netns")) ? Files.list(Path.of("/run/netns")) : Stream.of()) {
            return all.map(path -> path.getFileName().toString())
                    .filter(namespace -> namespace.equals(name) || namespace.startsWith(name + "-"))
                    .toList();
        } catch (IOException e) {
            throw new GuestFailure("network namespaces cannot be listed", e);
        }
    }

    static String name(Path folder) {
        try {
            var digest = MessageDigest.getInstance("SHA-256")
                    .digest(folder.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return "anchorhold-" + HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String name() {
        return name;
    }

    private void build(Path base) {
        HostCommand.of("ip", "netns", "add", name).run();
        // Forwards between guests, and asks for their hardware addresses in the gateway's name, whoever connects to
        // them.
        inside(
                        "sh",
                        "-c",
                        "cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding; echo 2"
                                + " >ipv4/conf/all/arp_announce")
                .run();
        var lines = new ArrayList<>(List.of(
                "link set lo up",
                // A bridge without an address has the lowest of its ports': other guests' coming would change it.
                "link add guests address 02:00:00:00:00:01 type bridge stp_state 0",
                "link set guests addrgenmode none",
                "link set guests up",
                "address add 172.31.1.1/32 dev guests",
                "address add 169.254.169.254/32 dev guests",
                "address add fe80::1/64 dev guests nodad"));
        RESOLVERS.forEach(address -> lines.add("address add %s/%d dev guests%s"
                .formatted(address, address.contains(":") ? 128 : 32, address.contains(":") ? " nodad" : "")));
        lines.add("address add 192.0.2.1/32 dev lo");
        lines.add("address add 3fff::1/128 dev lo nodad");
        INTERNET.forEach(network -> lines.add("route add local %s dev lo".formatted(network)));
        ip(lines);
        nft(InboundRules.TABLE);
        try {
            Files.writeString(folder.resolve("fabric"), name);
        } catch (IOException e) {
            throw new GuestFailure("the world's folder cannot be written: " + folder, e);
        }
        services.start(base.resolve("docker-registry"));
    }

    /** A network namespace of the guest's own with an {@code eth0} in it; returns its name. */
    String plugNamespace(Machine machine) {
        var namespace = "%s-%d".formatted(name, machine.serverId());
        HostCommand.of("ip", "netns", "add", namespace).run();
        ip(List.of("link add %s type veth peer name eth0 address %s netns %s"
                .formatted(port(machine), new InstanceMetadata(machine).mac(), namespace)));
        plug(machine);
        return namespace;
    }

    /** A tap device in the fabric for a virtual machine, named {@link #port}, unless there is one. */
    void plugTap(Machine machine) {
        if (!plugged.containsKey(machine.serverId())) {
            ip(List.of("tuntap add %s mode tap".formatted(port(machine))));
            plug(machine);
        }
    }

    private synchronized void plug(Machine machine) {
        plugged.put(machine.serverId(), machine);
        var port = port(machine);
        var lines = new ArrayList<>(List.of(
                "link set %s master guests".formatted(port),
                "link set %s type bridge_slave isolated on".formatted(port),
                "link set %s addrgenmode none".formatted(port),
                "link set %s up".formatted(port)));
        machine.ipv4().ifPresent(address -> lines.add("route add %s/32 dev guests src 192.0.2.1".formatted(address)));
        machine.ipv6Network().ifPresent(network -> lines.add("route add %s dev guests src 3fff::1".formatted(network)));
        ip(lines);
        filter(machine, Inbound.OPEN);
        new InstanceMetadata(machine).write(folder);
        writeHosts();
    }

    synchronized void unplug(Machine machine) {
        if (plugged.remove(machine.serverId()) == null) {
            return;
        }
        writeHosts();
        new InstanceMetadata(machine).remove(folder);
        inside("nft", "-f", "-").withStdin(InboundRules.remove(machine)).succeeds();
        machine.ipv4().ifPresent(address -> {
            inside("ip", "route", "delete", address + "/32", "dev", "guests").succeeds();
            inside("dhcp_release", "guests", address, new InstanceMetadata(machine).mac())
                    .succeeds();
        });
        machine.ipv6Network()
                .ifPresent(network -> inside("ip", "route", "delete", network, "dev", "guests")
                        .succeeds());
        inside("ip", "link", "delete", port(machine)).succeeds();
        HostCommand.of("ip", "netns", "delete", "%s-%d".formatted(name, machine.serverId()))
                .succeeds();
    }

    synchronized void filter(Machine machine, Inbound inbound) {
        nft(InboundRules.replace(machine, inbound));
    }

    private void writeHosts() {
        var lines = plugged.values().stream()
                .flatMap(machine -> machine.ipv4().stream()
                        .map(address -> "%s,%s".formatted(new InstanceMetadata(machine).mac(), address)))
                .collect(Collectors.joining("\n", "", "\n"));
        services.reloadDhcp(lines);
    }

    /** An interface's name has 15 characters at most, a server's id up to 16 digits. */
    static String port(Machine machine) {
        return "g" + Long.toString(machine.serverId(), 36);
    }

    /** How TCP ports of a guest look from the internet of this world. */
    Map<Integer, Port> scan(String address, Optional<String> source, int... ports) {
        var words = new ArrayList<>(List.of(
                "/usr/bin/python3",
                HostCommand.scripts().resolve("scan.py").toString(),
                address,
                "1",
                source.orElse("-")));
        Arrays.stream(ports).mapToObj(Integer::toString).forEach(words::add);
        return inside(words.toArray(String[]::new))
                .run()
                .lines()
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(
                        found -> Integer.valueOf(found[0]),
                        found -> Port.valueOf(found[1].toUpperCase(java.util.Locale.ROOT))));
    }

    /** For {@code ssh -o ProxyCommand=…}: connects this computer to a guest. */
    static String proxyCommand(Path worldFolder) {
        return "%s %%h %%p --world %s"
                .formatted(HostCommand.scripts().resolve("connect"), worldFolder.toAbsolutePath());
    }

    /** A command that runs inside the fabric. */
    HostCommand inside(String... words) {
        var entered = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name, "--"));
        entered.addAll(List.of(words));
        return new HostCommand(entered, "");
    }

    private void ip(List<String> lines) {
        inside("ip", "-batch", "-").withStdin(String.join("\n", lines) + "\n").run();
    }

    private void nft(String ruleset) {
        inside("nft", "-f", "-").withStdin(ruleset).run();
    }

    @Override
    public void close() {
        services.close();
        removeLeftovers(folder);
        try {
            Files.deleteIfExists(folder.resolve("fabric"));
        } catch (IOException e) {
            throw new GuestFailure("the world's folder cannot be written: " + folder, e);
        }
    }
}
