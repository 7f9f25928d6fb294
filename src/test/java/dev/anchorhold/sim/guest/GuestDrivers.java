package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Chooses what guests are, by what this computer allows. */
public final class GuestDrivers {

    /** Real guests at once, unless told otherwise: 40 MiB each, and 8 boot in the time that people wait. */
    public static final int MOST_REAL_GUESTS = 8;

    /**
     * @param driver to be closed by the caller
     * @param why the driver's name and the reason for it, one line for people
     */
    public record Choice(GuestDriver driver, String why) {}

    private GuestDrivers() {}

    /**
     * @param wanted {@code auto, schema, nspawn} or {@code qemu}
     * @param worldFolder the world's; the guests' is below it
     * @throws GuestFailure when the wanted driver cannot run here, with what it lacks
     */
    public static Choice choose(String wanted, Path worldFolder) {
        return choose(wanted, worldFolder, MOST_REAL_GUESTS);
    }

    /** @param mostReal how many servers get a real guest; those beyond are on paper only */
    public static Choice choose(String wanted, Path worldFolder, int mostReal) {
        return switch (wanted) {
            case "schema" -> schema("as asked for");
            case "nspawn" -> nspawn(worldFolder, mostReal, "as asked for");
            case "auto" -> {
                var lacking = lackingForNspawn();
                yield lacking.isEmpty()
                        ? nspawn(worldFolder, mostReal, "root on Linux with all that it needs")
                        : schema("nspawn lacks " + String.join(", ", lacking));
            }
            default ->
                throw new GuestFailure(
                        "no such kind of guests: %s (auto, schema, nspawn, qemu)".formatted(wanted), null);
        };
    }

    private static Choice schema(String why) {
        return new Choice(new SchemaDriver(), "schema: " + why);
    }

    private static Choice nspawn(Path worldFolder, int mostReal, String why) {
        var lacking = lackingForNspawn();
        if (!lacking.isEmpty()) {
            throw new GuestFailure("nspawn lacks " + String.join(", ", lacking), null);
        }
        var folder = folder(worldFolder);
        var lock = RealDriver.lock(folder);
        var base = Path.of(Command.script("base-image").runAloud()).resolve("root");
        var real = new RealDriver(folder, lock, new NspawnEngine(base, Fabric.up(folder)));
        return new Choice(new FleetDriver(real, new SchemaDriver(), mostReal), "nspawn: " + why);
    }

    /** Debian's packages, so that people can install them by these names. */
    static List<String> lackingForNspawn() {
        var lacking = new ArrayList<String>();
        if (!System.getProperty("os.name").equals("Linux") || !"root".equals(System.getProperty("user.name"))) {
            lacking.add("root on Linux");
        }
        List.of(
                        "systemd-nspawn:systemd-container",
                        "mmdebstrap:mmdebstrap",
                        "nft:nftables",
                        "dnsmasq:dnsmasq-base",
                        "dhcp_release:dnsmasq-utils",
                        "ip:iproute2",
                        "nsenter:util-linux")
                .forEach(need -> {
                    if (Command.find(need.split(":")[0]).isEmpty()) {
                        lacking.add("the package " + need.split(":")[1]);
                    }
                });
        return lacking;
    }

    /** Ends and removes all that a world's guests left on this computer, as after a SIGKILL. Disks stay; needs root. */
    public static void removeLeftovers(Path worldFolder) {
        Fabric.removeLeftovers(folder(worldFolder));
    }

    /** For {@code ssh -o ProxyCommand=…}: the way from this computer to a guest's address. */
    public static String proxyCommand(Path worldFolder) {
        return Fabric.proxyCommand(worldFolder);
    }

    private static Path folder(Path worldFolder) {
        return worldFolder.toAbsolutePath().normalize().resolve("guests");
    }
}
