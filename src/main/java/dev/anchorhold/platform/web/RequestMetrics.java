package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ResourceInfo;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Measures how long requests take, as {@code anchorhold.http.request.duration}, and traces them. No label is taken from a request: whoever may invent a label
 * may fill the memory with them, and Micrometer keeps even those that a filter of its own drops.
 */
@Singleton
class RequestMetrics {
    /** The route of what no resource answered. */
    static final String REFUSED = "none";

    private static final String INTERNAL = "/internal/";
    private static final String ROUTE = RequestMetrics.class.getName();

    private final MeterRegistry meters;
    private final Map<Method, String> routes = new ConcurrentHashMap<>();

    RequestMetrics(MeterRegistry meters) {
        this.meters = meters;
    }

    /** Which resource answers, as its annotations say. */
    @ServerRequestFilter
    void matched(ResourceInfo resource, RoutingContext call) {
        call.put(ROUTE, routes.computeIfAbsent(resource.getResourceMethod(), RequestMetrics::route));
    }

    private static String route(Method method) {
        String path = path(method);
        return path(method.getDeclaringClass()) + (path.isEmpty() ? "" : "/" + path);
    }

    private static String path(AnnotatedElement element) {
        Path path = element.getAnnotation(Path.class);
        return path == null ? "" : path.value();
    }

    void record(RoutingContext call, Duration duration) {
        String route = call.get(ROUTE);
        record(call.request(), route == null ? REFUSED : route, duration);
    }

    void record(HttpServerRequest request, String route, Duration duration) {
        String method = RequestForm.METHODS.contains(request.method().name())
                ? request.method().name()
                : "OTHER";
        trace(request, method, route, duration);
        Timer.builder("anchorhold.http.request.duration")
                .tag("method", method)
                .tag("uri", route)
                .tag("status", Integer.toString(request.response().getStatusCode()))
                .register(meters)
                .record(duration);
    }

    /** The operator's own trace goes on here; whoever is refused, or comes from outside, cannot add to one. */
    private static void trace(HttpServerRequest request, String method, String route, Duration duration) {
        Instant end = Instant.now();
        int status = request.response().getStatusCode();
        boolean ours = route.startsWith(INTERNAL) && status != 401 && status != 403;
        Tracing.tracer()
                .spanBuilder(method + " " + route)
                .setParent(ours ? Tracing.sender(request::getHeader) : Context.root())
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(end.minus(duration))
                .setAttribute("http.request.method", method)
                .setAttribute("http.route", route)
                .setAttribute("http.response.status_code", status)
                .startSpan()
                .end(end);
    }
}
