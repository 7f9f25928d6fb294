package dev.anchorhold.world;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDrivers;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import java.net.URI;
import java.nio.file.Path;

/** Runs the simulated Hetzner Cloud with its guests; its state survives a restart. */
public final class HetznerPart implements WorldPart {
    private static final int USUAL_PORT = 18_088;

    private final HetznerSimulator simulator;
    private final String guests;

    private HetznerPart(HetznerSimulator simulator, String guests) {
        this.simulator = simulator;
        this.guests = guests;
    }

    /**
     * @param world the world's folder, with the cloud's state and the guests below it
     * @param guests what a server is: {@code auto, schema, nspawn, qemu} (docs/design.md, The local world)
     * @param realGuests how many servers have a guest that runs; those beyond are on paper only
     * @param speed how many times faster than in the real cloud its actions are
     */
    public static HetznerPart start(Path world, String guests, int realGuests, double speed) {
        try {
            GuestDrivers.Choice choice = GuestDrivers.choose(guests, world, realGuests);
            return new HetznerPart(
                    HetznerSimulator.start(new HetznerOptions()
                            .port(Ports.freeFrom(USUAL_PORT))
                            .dataFolder(world.resolve("hetzner"))
                            .guests(choice.driver())
                            .speed(speed)),
                    choice.why());
        } catch (GuestFailure e) {
            throw new WorldFailure(
                    "Guests of the kind '" + guests + "' cannot be had: " + e.getMessage()
                            + ". Without them: ./dev up --guests=schema",
                    e);
        }
    }

    public HetznerSimulator simulator() {
        return simulator;
    }

    /** The kind of its guests, and why: one line for people. */
    public String guests() {
        return guests;
    }

    /** Whether its servers have guests in which one can log in. */
    public boolean guestsAreReal() {
        return !guests.startsWith("schema");
    }

    /** The base URL with {@code /v1}. */
    public URI endpoint() {
        return simulator.endpoint();
    }

    public String token() {
        return simulator.token();
    }

    @Override
    public String name() {
        return "hetzner";
    }

    @Override
    public Health health() {
        return Health.of(URI.create(endpoint() + "/servers"), 401, endpoint() + ", console " + simulator.consoleUri());
    }

    @Override
    public void close() {
        simulator.close();
    }
}
