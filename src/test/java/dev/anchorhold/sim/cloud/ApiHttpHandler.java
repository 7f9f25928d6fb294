package dev.anchorhold.sim.cloud;

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
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Serves a simulated cloud's API over HTTP: authenticates the caller, counts the request against the rate limit,
 * injects faults, sends the response with its headers, and logs the request. A subclass says how its cloud identifies
 * callers and what its errors look like.
 *
 * @param <C> a request as the cloud's handlers see it
 * @param <P> the caller whom the token identifies
 */
public abstract class ApiHttpHandler<C, P> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx;
    private final String prefix;
    private final Router<C> router;
    private final Faults faults;
    private final RequestLog log;
    private final SimulatorClock clock;

    /** @param prefix what stands before every path of the API, such as {@code /v1} */
    protected ApiHttpHandler(
            Vertx vertx, String prefix, Router<C> router, Faults faults, RequestLog log, SimulatorClock clock) {
        this.vertx = vertx;
        this.prefix = prefix;
        this.router = router;
        this.faults = faults;
        this.log = log;
        this.clock = clock;
    }

    /** Sets {@link Exchange#caller} from the token and takes one request of the rate limit; throws when either fails. */
    protected abstract void admit(Exchange exchange);

    /** Throws when the caller may not do this. */
    protected abstract void authorize(Exchange exchange);

    protected abstract ApiResponse perform(Exchange exchange, ObjectNode body);

    protected abstract String name(P caller);

    /** The headers of every response. */
    protected abstract Map<String, String> headers(Exchange exchange);

    protected abstract SimulatedApiError injectedError(Faults.Fail fault);

    protected abstract SimulatedApiError noSuchPath(String path);

    protected abstract SimulatedApiError badJson();

    public final void handle(HttpServerRequest request) {
        var exchange = new Exchange(request);
        request.body().onSuccess(body -> answer(exchange, body)).onFailure(_ -> exchange.reset());
    }

    private void answer(Exchange exchange, Buffer body) {
        Supplier<ApiResponse> work;
        try {
            exchange.route();
            admit(exchange);
            work = work(exchange, body);
        } catch (SimulatedApiError refused) {
            exchange.send(refused.response());
            return;
        }
        var fault = faults.take(exchange.method(), exchange.template(), exchange.path);
        switch (fault) {
            case null -> exchange.send(work.get());
            case Faults.Fail f -> exchange.send(injectedError(f).response());
            case Faults.Html f -> exchange.html(f.status());
            case Faults.ResetBefore _ -> exchange.reset();
            case Faults.LoseAnswer f -> {
                work.get();
                if (f.byReset()) exchange.reset();
                else exchange.html(504);
            }
            case Faults.Delay f -> {
                var apiResponse = work.get();
                if (f.by().isZero()) exchange.send(apiResponse);
                else delay(f, () -> exchange.send(apiResponse));
            }
            case Faults.Hold hold -> hold(exchange, hold, work);
        }
    }

    private void delay(Faults.Delay fault, Runnable answer) {
        var context = vertx.getOrCreateContext();
        clock.at(clock.now().plus(fault.by()), () -> context.runOnContext(_ -> answer.run()));
    }

    private void hold(Exchange exchange, Faults.Hold hold, Supplier<ApiResponse> work) {
        boolean after = hold.when == Faults.When.AFTER_COMMIT;
        Supplier<ApiResponse> rest = after ? constant(work.get()) : work;
        var context = vertx.getOrCreateContext();
        hold.verdict.thenAccept(goOn -> context.runOnContext(_ -> {
            if (goOn) exchange.send(rest.get());
            else exchange.reset();
        }));
        hold.arrived();
    }

    private static Supplier<ApiResponse> constant(ApiResponse apiResponse) {
        return () -> apiResponse;
    }

    private Supplier<ApiResponse> work(Exchange exchange, Buffer body) {
        if (exchange.match == null) throw exchange.noMatch;
        authorize(exchange);
        var input = parse(body);
        return () -> perform(exchange, input);
    }

    private ObjectNode parse(Buffer body) {
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
        throw badJson();
    }

    /** One request and its response. */
    protected final class Exchange {
        private final HttpServerRequest request;
        private final long started = System.nanoTime();
        private final Instant time = clock.now();
        private SimulatedApiError noMatch;
        /** Below the prefix. */
        public final String path;

        public Router.Match<C> match;
        /** Null until {@link #admit} has identified one. */
        public P caller;

        Exchange(HttpServerRequest request) {
            this.request = request;
            String full = request.path();
            this.path = full.startsWith(prefix) ? full.substring(prefix.length()) : full;
            this.noMatch = noSuchPath(path);
        }

        /** Before anything else, so that the log has templates also for unauthenticated requests, whose senders learn nothing of it. */
        private void route() {
            if (!request.path().startsWith(prefix + "/")) return;
            try {
                match = router.match(method(), path);
            } catch (SimulatedApiError wrongMethod) {
                noMatch = wrongMethod;
            }
        }

        public String method() {
            return request.method().name();
        }

        public String header(String name) {
            return request.getHeader(name);
        }

        public Map<String, List<String>> query() {
            return QueryString.of(request.params());
        }

        public String uri() {
            return request.absoluteURI();
        }

        /** Empty when there is none. */
        public String bearerToken() {
            String header = request.getHeader("Authorization");
            return header != null && header.startsWith("Bearer ")
                    ? header.substring(7).strip()
                    : "";
        }

        private String template() {
            return match == null ? path : match.route().template();
        }

        private void send(ApiResponse apiResponse) {
            if (clientGone()) return;
            var response = response(apiResponse.status());
            apiResponse.headers().forEach(response::putHeader);
            if (apiResponse.body() == null) {
                response.end();
            } else {
                response.putHeader("Content-Type", "application/json");
                response.end(Buffer.buffer(bytes(apiResponse.body())));
            }
            log(apiResponse.status());
        }

        /** The caller did not wait for its answer; what it asked for is done all the same. */
        private boolean clientGone() {
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

        private void html(int status) {
            if (clientGone()) return;
            response(status)
                    .putHeader("Content-Type", "text/html")
                    .end("<html><head><title>%d</title></head><body><h1>%d</h1></body></html>"
                            .formatted(status, status));
            log(status);
        }

        private void reset() {
            request.connection().close();
            log(0);
        }

        private HttpServerResponse response(int status) {
            var response = request.response().setStatusCode(status);
            headers(this).forEach(response::putHeader);
            return response;
        }

        private void log(int status) {
            String caller = request.getHeader("X-Caller");
            log.add(new RequestLog.Entry(
                    time,
                    this.caller == null ? "" : name(this.caller),
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
