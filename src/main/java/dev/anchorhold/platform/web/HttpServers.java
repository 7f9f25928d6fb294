package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs the HTTP servers of a companion, one for each {@link HttpPort}, in front of Quarkus' router. What has not the form of a
 * request is refused here ({@link RequestForm}), so that nothing behind this has to think of it.
 */
@ApplicationScoped
class HttpServers {
    /** Event loops that accept; requests are worked on by virtual threads. */
    private static final int ACCEPTORS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);

    private static final int MAX_REQUEST_LINE = 16 << 10;
    private static final int MAX_HEADERS = 8 << 10;

    private final Settings settings;
    private final Vertx vertx;
    private final RequestMetrics metrics;
    private final Instance<AttemptLimiter> limiter;
    private final ConnectionDeadlines deadlines = new ConnectionDeadlines(System::nanoTime);
    private final List<HttpServer> servers = new ArrayList<>();

    HttpServers(Settings settings, Vertx vertx, RequestMetrics metrics, Instance<AttemptLimiter> limiter) {
        this.settings = settings;
        this.vertx = vertx;
        this.metrics = metrics;
        this.limiter = limiter;
    }

    /** Last of all: whoever can connect finds everything started. A process without the companion's role listens nowhere. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) StartupEvent event) {
        if (!settings.roles().contains(Role.COMPANION)) {
            return;
        }
        limiter.get(); // networks that are none are said now, rather than to each guest
        for (HttpPort port : HttpPort.values()) {
            var counts = new ConnectionCounts(
                    it -> it.isLoopbackAddress() || limiter.get().isProxy(it));
            for (int i = 0; i < ACCEPTORS; i++) {
                servers.add(listen(port, counts));
            }
        }
        vertx.setPeriodic(ConnectionDeadlines.INTERVAL.toMillis(), _ -> deadlines.enforce());
    }

    private HttpServer listen(HttpPort port, ConnectionCounts counts) {
        return vertx.createHttpServer(options().setHost(settings.http().host()).setPort(port.number(settings.http())))
                .connectionHandler(connection -> open(connection, counts))
                .invalidRequestHandler(this::refuseInvalid)
                .requestHandler(request -> handle(port, request))
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void open(HttpConnection connection, ConnectionCounts counts) {
        String address = connection.remoteAddress().hostAddress();
        if (!counts.open(address)) {
            connection.close();
            return;
        }
        deadlines.opened(connection);
        connection.closeHandler(_ -> {
            deadlines.closed(connection);
            counts.closed(address);
        });
    }

    /**
     * Without HTTP/2: one request at a time on a connection makes the connection's deadline the request's; and a connection that
     * might become one of HTTP/2 is told of only when something came.
     */
    static HttpServerOptions options() {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS);
    }

    void end(@Observes ShutdownEvent event) {
        servers.forEach(HttpServer::close);
    }

    private void handle(HttpPort port, HttpServerRequest request) {
        deadlines.begun(request);
        Optional<HttpProblem> problem = RequestForm.problem(request)
                .or(() -> port.serves(request.path(), settings.signIn().links())
                        ? Optional.empty()
                        : Optional.of(HttpProblem.notFound()));
        if (problem.isEmpty()) {
            VertxHttpRecorder.getRootHandler().handle(request);
        } else {
            refuse(request, problem.get());
        }
    }

    /** What the HTTP parser does not take; the connection ends. */
    private void refuseInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        HttpProblem problem = switch (cause) {
            case TooLongHttpLineException _ ->
                new HttpProblem(414, "the URL may have %d bytes".formatted(MAX_REQUEST_LINE), "URL");
            case TooLongHttpHeaderException _ ->
                new HttpProblem(431, "the headers may have %d bytes".formatted(MAX_HEADERS), "headers");
            case TooLongFrameException _ -> new HttpProblem(431, "the headers are too long", "headers");
            case null, default -> new HttpProblem(400, "this is no HTTP request", null);
        };
        request.response().putHeader("Connection", "close");
        refuse(request, problem);
        request.connection().close();
    }

    private void refuse(HttpServerRequest request, HttpProblem problem) {
        long began = System.nanoTime();
        problem.write(request.response()).onComplete(_ -> {
            deadlines.ended(request.connection());
            metrics.record(request, RequestMetrics.REFUSED, Duration.ofNanos(System.nanoTime() - began));
        });
    }

    /** Beside what answers: until when, and how long it took. */
    void observe(@Observes Filters filters) {
        filters.register(this::observe, Integer.MAX_VALUE);
    }

    private void observe(RoutingContext call) {
        long began = System.nanoTime();
        call.addEndHandler(_ -> {
            deadlines.ended(call.request().connection());
            metrics.record(call, Duration.ofNanos(System.nanoTime() - began));
        });
        call.next();
    }
}
