package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Simulator;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;

/** Hetzner Cloud on 127.0.0.1; see docs/simulator.md. */
public final class HetznerSimulator extends Simulator {
    private final HetznerState hetznerState;
    private final HetznerConsole console;

    private HetznerSimulator(HetznerOptions options) {
        var clock = options.clock != null ? options.clock : SimulatorClock.system();
        var knobs = new HetznerKnobs();
        knobs.firewallLimit = options.firewallLimit;
        knobs.serverLimit = options.serverLimit;
        var durations = new CommandDurations(options.durations, options.speed, options.seed);
        var hetznerTables = new HetznerTables(options.dataFolder);
        hetznerState = new HetznerState(
                hetznerTables, clock, durations, new SimulatedCatalogue(), knobs, new GuestDispatcher(options.guests));
        addProject("default", options);
        options.projects.forEach(name -> addProject(name, options));
        var api = new HetznerApi(hetznerState);
        console = new HetznerConsole(api);
        api.resume();
        var front = new HetznerHttpHandler(vertx, api, faults, requests);
        listen(options.port, front, new HetznerConsoleBackend(console));
    }

    /** Returns when it listens. */
    public static HetznerSimulator start(HetznerOptions options) {
        return new HetznerSimulator(options);
    }

    private void addProject(String name, HetznerOptions options) {
        var rateLimit = new RateLimitBucket(hetznerState.clock, options.rateLimit, options.rateLimitPerSecond);
        var project = new SimulatedProject(hetznerState.projects.size() + 1, name, rateLimit);
        grantDefaultTokens(name, project.tokens);
        hetznerState.projects.put(project.id, project);
    }

    /** With {@code /v1}, as {@code HCLOUD_ENDPOINT} wants it. */
    public URI endpoint() {
        return at("/v1");
    }

    @Override
    protected String token(String kind, String owner) {
        return SimulatedProject.token(kind, owner);
    }

    public HetznerConsole console() {
        return console;
    }

    @Override
    protected void stop() {
        hetznerState.close();
        hetznerState.guestDispatcher.close();
    }
}
