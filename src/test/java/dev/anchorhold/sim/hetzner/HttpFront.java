package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** {@code /v1} over HTTP: who asks, the rate limit, what shall go wrong, the answer with its headers, the log. */
final class HttpFront {
    static final String PREFIX = "/v1";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx;
    private final Api api;
    private final Faults faults;
    private final RequestLog log;
    private final RateLimit strangers;

    HttpFront(Vertx vertx, Api api, Faults faults, RequestLog log) {
        this.vertx = vertx;
        this.api = api;
        this.faults = faults;
        this.log = log;
        this.strangers = new RateLimit(api.cloud.clock, 3600, 1);
    }

    void handle(HttpServerRequest request) {
        var exchange = new Exchange(request);
        request.body().onSuccess(body -> answer(exchange, body)).onFailure(_ -> exchange.reset());
    }

    private void answer(Exchange exchange, Buffer body) {
        Supplier<Answer> work;
        try {
            exchange.find();
            authenticate(exchange);
            work = work(exchange, body);
        } catch (ApiError refused) {
            exchange.send(Answer.of(refused));
            return;
        }
        var fault = faults.take(exchange.method(), exchange.template(), exchange.path);
        switch (fault) {
            case null -> exchange.send(work.get());
            case Faults.Fail f -> exchange.send(Answer.of(new ApiError(f.status(), f.code(), f.message())));
            case Faults.Html f -> exchange.html(f.status());
            case Faults.ResetBefore _ -> exchange.reset();
            case Faults.LoseAnswer f -> {
                work.get();
                if (f.byReset()) exchange.reset();
                else exchange.html(504);
            }
            case Faults.Delay f -> {
                var answer = work.get();
                vertx.setTimer(Math.max(1, f.by().toMillis()), _ -> exchange.send(answer));
            }
            case Faults.Hold hold -> hold(exchange, hold, work);
        }
    }

    private void hold(Exchange exchange, Faults.Hold hold, Supplier<Answer> work) {
        boolean after = hold.when == Faults.When.AFTER_COMMIT;
        Supplier<Answer> rest = after ? constant(work.get()) : work;
        var context = vertx.getOrCreateContext();
        hold.verdict.thenAccept(goOn -> context.runOnContext(_ -> {
            if (goOn) exchange.send(rest.get());
            else exchange.reset();
        }));
        hold.arrived();
    }

    private static Supplier<Answer> constant(Answer answer) {
        return () -> answer;
    }

    private void authenticate(Exchange exchange) {
        String header = exchange.request.getHeader("Authorization");
        String token = header != null && header.startsWith("Bearer ")
                ? header.substring(7).strip()
                : "";
        for (Project project : api.cloud.projects.values()) {
            var access = project.tokens.get(token);
            if (access == null || access == Project.Access.REVOKED) continue;
            exchange.project = project;
            exchange.readOnly = access == Project.Access.READ_ONLY;
        }
        exchange.rateLimit = exchange.project == null ? strangers : exchange.project.rateLimit;
        if (!exchange.rateLimit.take()) {
            String message = "limit of %d requests per hour reached".formatted(exchange.rateLimit.limit());
            throw new ApiError(429, "rate_limit_exceeded", message);
        }
        if (exchange.project == null) throw new ApiError(401, "unauthorized", "unable to authenticate");
    }

    private Supplier<Answer> work(Exchange exchange, Buffer body) {
        var match = exchange.match;
        if (match == null) throw exchange.noMatch;
        if (exchange.readOnly && !exchange.method().equals("GET")) {
            throw new ApiError(401, "token_readonly", "token is only allowed to perform GET requests");
        }
        var input = parse(body);
        var query = Api.query(exchange.request.params());
        return () -> api.perform(match, exchange.project, query, input, exchange.request.absoluteURI());
    }

    private static ObjectNode parse(Buffer body) {
        if (body.length() == 0) return JSON.createObjectNode();
        try {
            JsonNode json = JSON.readTree(body.getBytes());
            if (json instanceof ObjectNode object) return object;
            if (json == null || json.isNull() || json.isMissingNode()) return JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            // refused below
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new ApiError(400, "json_error", "invalid JSON");
    }

    /** One request on its way. */
    private final class Exchange {
        final HttpServerRequest request;
        final String path;
        final long started = System.nanoTime();
        final Instant time = api.cloud.now();
        Router.Match match;
        ApiError noMatch = new ApiError(404, "not_found", "path not found");
        Project project;
        boolean readOnly;
        RateLimit rateLimit = strangers;

        Exchange(HttpServerRequest request) {
            this.request = request;
            String full = request.path();
            this.path = full.startsWith(PREFIX) ? full.substring(PREFIX.length()) : full;
        }

        /** Before anything else, so that the log has templates also for strangers, who learn nothing of it. */
        void find() {
            if (!request.path().startsWith(PREFIX + "/")) return;
            try {
                match = api.router.match(method(), path);
            } catch (ApiError wrongMethod) {
                noMatch = wrongMethod;
            }
        }

        String method() {
            return request.method().name();
        }

        String template() {
            return match == null ? path : match.route().template();
        }

        void send(Answer answer) {
            if (gone()) return;
            var response = headers(answer.status());
            answer.headers().forEach(response::putHeader);
            if (answer.body() == null) {
                response.end();
            } else {
                response.putHeader("Content-Type", "application/json");
                response.end(Buffer.buffer(bytes(answer.body())));
            }
            log(answer.status());
        }

        /** The caller did not wait for its answer; what it asked for is done all the same. */
        private boolean gone() {
            boolean gone = request.response().closed();
            if (gone) log(0);
            return gone;
        }

        private byte[] bytes(ObjectNode body) {
            try {
                return JSON.writeValueAsBytes(body);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }

        void html(int status) {
            if (gone()) return;
            headers(status)
                    .putHeader("Content-Type", "text/html")
                    .end("<html><head><title>%d</title></head><body><h1>%d</h1></body></html>"
                            .formatted(status, status));
            log(status);
        }

        void reset() {
            request.connection().close();
            log(0);
        }

        private HttpServerResponse headers(int status) {
            byte[] correlation = new byte[8];
            ThreadLocalRandom.current().nextBytes(correlation);
            return request.response()
                    .setStatusCode(status)
                    .putHeader("X-Correlation-Id", HexFormat.of().formatHex(correlation))
                    .putHeader("RateLimit-Limit", "" + rateLimit.limit())
                    .putHeader("RateLimit-Remaining", "" + rateLimit.remaining())
                    .putHeader("RateLimit-Reset", "" + rateLimit.reset());
        }

        private void log(int status) {
            String caller = request.getHeader("X-Caller");
            log.add(new RequestLog.Entry(
                    time,
                    project == null ? "" : project.name,
                    method(),
                    template(),
                    path,
                    request.query() == null ? "" : request.query(),
                    status,
                    Duration.ofNanos(System.nanoTime() - started).toNanos() / 1e6,
                    caller != null ? caller : String.valueOf(request.getHeader("User-Agent"))));
        }
    }
}
