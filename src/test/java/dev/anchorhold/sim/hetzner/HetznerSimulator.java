package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Simulator;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;

/** The simulated Hetzner Cloud: its API on 127.0.0.1; see docs/simulator.md. */
public final class HetznerSimulator extends Simulator {
    private final HetznerState state;
    private final HetznerConsole console;

    private HetznerSimulator(HetznerOptions options) {
        var clock = options.clock != null ? options.clock : SimulatorClock.system();
        var knobs = new HetznerKnobs();
        knobs.firewallLimit = options.firewallLimit;
        knobs.serverLimit = options.serverLimit;
        var durations = new CommandDurations(options.durations, options.speed, options.seed);
        var tables = new HetznerTables(options.dataFolder);
        state = new HetznerState(
                tables, clock, durations, new SimulatedCatalogue(), knobs, new GuestDispatcher(options.guests));
        addProject("default", options);
        options.projects.forEach(name -> addProject(name, options));
        var api = new HetznerApi(state);
        console = new HetznerConsole(api);
        api.resume();
        var handler = new HetznerHttpHandler(vertx, api, faults, requests);
        listen(options.host, options.port, handler, new HetznerConsoleBackend(console));
    }

    /** Returns when it listens. */
    public static HetznerSimulator start(HetznerOptions options) {
        return new HetznerSimulator(options);
    }

    private void addProject(String name, HetznerOptions options) {
        var rateLimit = new RateLimitBucket(state.clock, options.rateLimit, options.rateLimitPerSecond);
        var project = new SimulatedProject(state.projects.size() + 1, name, rateLimit);
        grantTokens(name, project.tokens, options.token);
        state.projects.put(project.id, project);
    }

    /** The base URL with {@code /v1}, as {@code HCLOUD_ENDPOINT} wants it. */
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
        state.close();
        state.guests.close();
    }
}
