package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Access;
import dev.anchorhold.sim.cloud.ConsoleFront;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.LocalServer;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;

/** Hetzner Cloud on 127.0.0.1; see docs/simulator.md. */
public final class HetznerSimulator implements AutoCloseable {
    private final LocalServer server = new LocalServer();
    private final Cloud cloud;
    private final Faults faults = new Faults();
    private final RequestLog requests = new RequestLog();
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
        var front = new HetznerFront(server.vertx, api, faults, requests);
        var consoleFront = new ConsoleFront(server.vertx, new ConsoleKnobs(console), faults, requests);
        server.listen(options.port, request -> {
            if (ConsoleFront.takes(request.path())) consoleFront.handle(request);
            else front.handle(request);
        });
    }

    /** Returns when it listens. */
    public static HetznerSimulator start(Options options) {
        return new HetznerSimulator(options);
    }

    private void addProject(String name, Options options) {
        var rateLimit = new RateLimit(cloud.clock, options.rateLimit, options.rateLimitPerSecond);
        var project = new Project(cloud.projects.size() + 1, name, rateLimit);
        project.tokens.put(Project.token("rw", name), Access.READ_WRITE);
        project.tokens.put(Project.token("ro", name), Access.READ_ONLY);
        project.tokens.put(Project.token("xx", name), Access.REVOKED);
        cloud.projects.put(project.id, project);
    }

    /** With {@code /v1}, as {@code HCLOUD_ENDPOINT} wants it. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:%d/v1".formatted(server.port()));
    }

    public URI consoleUri() {
        return URI.create("http://127.0.0.1:%d/_console".formatted(server.port()));
    }

    /** The default project's token; the same at each start. */
    public String token() {
        return token("default");
    }

    public String token(String project) {
        return Project.token("rw", project);
    }

    public String readOnlyToken(String project) {
        return Project.token("ro", project);
    }

    public String revokedToken(String project) {
        return Project.token("xx", project);
    }

    public Faults faults() {
        return faults;
    }

    public Console console() {
        return console;
    }

    public RequestLog requests() {
        return requests;
    }

    @Override
    public void close() {
        faults.clear();
        server.close();
        cloud.close();
        cloud.guests.close();
    }
}
