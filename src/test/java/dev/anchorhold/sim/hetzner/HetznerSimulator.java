package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Simulator;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;

/** Hetzner Cloud on 127.0.0.1; see docs/simulator.md. */
public final class HetznerSimulator extends Simulator {
    private final Cloud cloud;
    private final Console console;

    private HetznerSimulator(Options options) {
        var clock = options.clock != null ? options.clock : SimulatorClock.system();
        var knobs = new Knobs();
        knobs.firewallLimit = options.firewallLimit;
        knobs.serverLimit = options.serverLimit;
        var durations = new Durations(options.durations, options.speed, options.seed);
        var store = new Store(options.dataFolder);
        cloud = new Cloud(store, clock, durations, new Catalogue(), knobs, new Guests(options.guests));
        addProject("default", options);
        options.projects.forEach(name -> addProject(name, options));
        var api = new Api(cloud);
        console = new Console(api);
        api.resume();
        var front = new HetznerFront(vertx, api, faults, requests);
        listen(options.port, front, new ConsoleKnobs(console));
    }

    /** Returns when it listens. */
    public static HetznerSimulator start(Options options) {
        return new HetznerSimulator(options);
    }

    private void addProject(String name, Options options) {
        var rateLimit = new RateLimit(cloud.clock, options.rateLimit, options.rateLimitPerSecond);
        var project = new Project(cloud.projects.size() + 1, name, rateLimit);
        grantUsualTokens(name, project.tokens);
        cloud.projects.put(project.id, project);
    }

    /** With {@code /v1}, as {@code HCLOUD_ENDPOINT} wants it. */
    public URI endpoint() {
        return at("/v1");
    }

    @Override
    protected String token(String kind, String owner) {
        return Project.token(kind, owner);
    }

    public Console console() {
        return console;
    }

    @Override
    protected void stop() {
        cloud.close();
        cloud.guests.close();
    }
}
