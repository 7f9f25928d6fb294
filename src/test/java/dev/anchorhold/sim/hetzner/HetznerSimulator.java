package dev.anchorhold.sim.hetzner;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Hetzner Cloud on 127.0.0.1; see docs/simulator.md. */
public final class HetznerSimulator implements AutoCloseable {
    private final Vertx vertx;
    private final Cloud cloud;
    private final Faults faults = new Faults();
    private final RequestLog requests = new RequestLog();
    private final Console console;
    private final HttpServer http;

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
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(2)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        var front = new HttpFront(vertx, api, faults, requests);
        var consoleFront = new ConsoleFront(vertx, console, faults, requests);
        http = await(vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(options.port)
                        .setMaxInitialLineLength(64 * 1024))
                .requestHandler(request -> {
                    if (ConsoleFront.takes(request.path())) consoleFront.handle(request);
                    else front.handle(request);
                })
                .listen());
    }

    /** Returns when it listens. */
    public static HetznerSimulator start(Options options) {
        return new HetznerSimulator(options);
    }

    private void addProject(String name, Options options) {
        var rateLimit = new RateLimit(cloud.clock, options.rateLimit, options.rateLimitPerSecond);
        var project = new Project(cloud.projects.size() + 1, name, rateLimit);
        project.tokens.put(Project.token("rw", name), Project.Access.READ_WRITE);
        project.tokens.put(Project.token("ro", name), Project.Access.READ_ONLY);
        project.tokens.put(Project.token("xx", name), Project.Access.REVOKED);
        cloud.projects.put(project.id, project);
    }

    /** With {@code /v1}, as {@code HCLOUD_ENDPOINT} wants it. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:%d/v1".formatted(http.actualPort()));
    }

    public URI consoleUri() {
        return URI.create("http://127.0.0.1:%d/_console".formatted(http.actualPort()));
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
        await(vertx.close());
        cloud.clock.close();
        cloud.close();
        cloud.guests.close();
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the simulator's HTTP server", e);
        }
    }
}
