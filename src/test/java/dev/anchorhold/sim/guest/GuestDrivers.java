package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses the guest driver by what this computer allows, and gives access to a world's guests. docs/guests.md says
 * what each proves.
 */
public final class GuestDrivers {

    /** Real guests at once by default: 40 MiB each, and 8 boot in the time that people wait. */
    public static final int MAX_REAL_GUESTS = 8;

    /** Virtual machines at once: one takes 700 MiB, and a core for a minute without KVM. */
    private static final int MAX_VIRTUAL_MACHINES = 2;

    /**
     * @param driver to be closed by the caller
     * @param why the driver's name and the reason for it, one line for people
     */
    public record Choice(GuestDriver driver, String why) {}

    private GuestDrivers() {}

    /**
     * Making a driver may first make its base image, which takes a minute or two and says so on stderr.
     *
     * @param wanted {@code auto, schema, nspawn} or {@code qemu}
     * @param worldFolder the world's; the guests' is below it
     * @throws GuestFailure when the wanted driver cannot run here, with what it lacks
     */
    public static Choice choose(String wanted, Path worldFolder) {
        return choose(wanted, worldFolder, MAX_REAL_GUESTS);
    }

    /** @param maxReal how many servers get a real guest; those beyond are on paper only */
    public static Choice choose(String wanted, Path worldFolder, int maxReal) {
        var folder = folder(worldFolder);
        return switch (wanted) {
            case "schema" -> schema("as asked for");
            case "nspawn" -> nspawn(folder, maxReal, "as asked for");
            case "qemu" -> qemu(folder, maxReal, "as asked for");
            case "auto" -> {
                var nspawn = lackingForNspawn();
                var qemu = lackingForQemu();
                if (nspawn.isEmpty()) {
                    yield nspawn(folder, maxReal, "this is root on Linux, with all that it needs");
                }
                yield qemu.isEmpty()
                        ? qemu(folder, maxReal, "nspawn lacks " + list(nspawn))
                        : schema("nspawn lacks %s; qemu lacks %s".formatted(list(nspawn), list(qemu)));
            }
            default ->
                throw new GuestFailure(
                        "no such kind of guests: %s (auto, schema, nspawn, qemu)".formatted(wanted), null);
        };
    }

    private static Choice schema(String why) {
        return new Choice(new SchemaDriver(), "schema: " + why);
    }

    private static Choice nspawn(Path folder, int maxReal, String why) {
        checkAvailable("nspawn", lackingForNspawn());
        var lock = RealDriver.lock(folder);
        var base = Path.of(HostCommand.script("base-image", "container").runWithStderr());
        var real =
                new RealDriver(folder, lock, new NspawnEngine(folder, base.resolve("root"), Fabric.up(folder, base)));
        return new Choice(new MixedDriver(real, new SchemaDriver(), maxReal), "nspawn: " + why);
    }

    private static Choice qemu(Path folder, int maxReal, String why) {
        checkAvailable("qemu", lackingForQemu());
        var lock = RealDriver.lock(folder);
        var base = Path.of(HostCommand.script("base-image", "vm").runWithStderr());
        var network = isRoot() ? new QemuNetwork.OnFabric(Fabric.up(folder, base)) : QemuNetwork.OfUser.up(folder);
        var real = new RealDriver(folder, lock, new QemuEngine(folder, base, network));
        return new Choice(
                new MixedDriver(real, new SchemaDriver(), Math.min(maxReal, MAX_VIRTUAL_MACHINES)), "qemu: " + why);
    }

    private static void checkAvailable(String kind, List<String> lacking) {
        if (!lacking.isEmpty()) {
            throw new GuestFailure("%s lacks %s".formatted(kind, list(lacking)), null);
        }
    }

    private static String list(List<String> words) {
        return String.join(", ", words);
    }

    /** Whether this machine can run guests as containers. */
    public static boolean nspawnWorks() {
        return lackingForNspawn().isEmpty();
    }

    /** What nspawn needs and this computer lacks; Debian's packages by their names, so that people can install them. */
    static List<String> lackingForNspawn() {
        var lacking = new ArrayList<String>();
        if (!isRoot()) {
            lacking.add("root on Linux");
        }
        lacking.addAll(packagesWithout("systemd-nspawn systemd-container", "mmdebstrap mmdebstrap", "losetup mount"));
        lacking.addAll(lackingForFabric());
        return lacking;
    }

    /** Root's virtual machines are on the fabric; a user's need user namespaces to make their image. */
    static List<String> lackingForQemu() {
        var lacking = new ArrayList<>(packagesWithout(
                "qemu-system-x86_64 qemu-system-x86",
                "qemu-img qemu-utils",
                "mkfs.ext4 e2fsprogs",
                "mmdebstrap mmdebstrap"));
        if (isRoot()) {
            lacking.addAll(lackingForFabric());
        } else if (!hasSubordinateIds()) {
            lacking.add("a range for this user in /etc/subuid");
        }
        return lacking;
    }

    private static List<String> lackingForFabric() {
        return packagesWithout(
                "nft nftables",
                "dnsmasq dnsmasq-base",
                "dhcp_release dnsmasq-utils",
                "ip iproute2",
                "python3 python3",
                "nsenter util-linux");
    }

    /** @param needs a program and the package it comes in */
    private static List<String> packagesWithout(String... needs) {
        return Stream.of(needs)
                .map(need -> need.split(" "))
                .filter(need -> HostCommand.find(need[0]).isEmpty())
                .map(need -> "the package " + need[1])
                .collect(Collectors.toList());
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name")) && "Linux".equals(System.getProperty("os.name"));
    }

    private static boolean hasSubordinateIds() {
        try (var ranges = Files.lines(Path.of("/etc/subuid"))) {
            return ranges.anyMatch(range -> range.startsWith(System.getProperty("user.name") + ":"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends and removes all that a world's guests left on this computer, as after a SIGKILL. Disks stay; needs root. */
    public static void removeLeftovers(Path worldFolder) {
        Fabric.removeLeftovers(folder(worldFolder));
    }

    /** For {@code ssh -o ProxyCommand=…}: connects this computer to a guest's address. */
    public static String proxyCommand(Path worldFolder) {
        return Fabric.proxyCommand(worldFolder);
    }

    /** Forwards the guests' 172.31.1.1:8080 to a port of this computer's 127.0.0.1 from now on, whether or not they run already. */
    public static void door(Path worldFolder, int port) {
        PortForward.DOOR.forwardTo(folder(worldFolder), port);
    }

    /** Forwards the guests' 172.31.1.1:7844, where connectors dial in, like {@link #door}. */
    public static void edge(Path worldFolder, int port) {
        PortForward.EDGE.forwardTo(folder(worldFolder), port);
    }

    /** How TCP ports of a guest look from the internet of its world; needs a fabric, that is, root. */
    public static Map<Integer, Port> scan(Path worldFolder, String address, int... ports) {
        return Fabric.of(folder(worldFolder)).scan(address, Optional.empty(), ports);
    }

    /** A port that is SILENT was dropped on the way, or there is no machine. */
    public enum Port {
        OPEN,
        REFUSED,
        SILENT
    }

    private static Path folder(Path worldFolder) {
        return worldFolder.toAbsolutePath().normalize().resolve("guests");
    }
}
