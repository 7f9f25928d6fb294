package dev.anchorhold.platform;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Sends spans by OTLP to a collector, where the installation names one. Without one there is no SDK, and a span costs nothing. A span has names of ours, a host and a status, and never an address or a header, which may hold a secret.
 */
@ApplicationScoped
public class Tracing {
    private static final String SCOPE = "anchorhold";
    private static final Duration LAST_SPANS = Duration.ofSeconds(3);

    private Optional<TracesAlone> openTelemetry = Optional.empty();

    /** OpenTelemetry without metrics and logs, whose SDKs are not in the image. */
    private record TracesAlone(SdkTracerProvider spans, ContextPropagators propagators) implements OpenTelemetry {
        @Override
        public TracerProvider getTracerProvider() {
            return spans;
        }

        @Override
        public ContextPropagators getPropagators() {
            return propagators;
        }
    }

    void start(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event, Settings settings) {
        openTelemetry = settings.tracing()
                .endpoint()
                .map(it -> new TracesAlone(
                        spans(settings, it), ContextPropagators.create(W3CTraceContextPropagator.getInstance())));
        openTelemetry.ifPresent(GlobalOpenTelemetry::set);
    }

    private static SdkTracerProvider spans(Settings settings, String endpoint) {
        var resource = Resource.getDefault()
                .merge(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "anchorhold-" + role(settings),
                        AttributeKey.stringKey("service.instance.id"),
                        settings.identity())));
        return SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(Sampler.parentBased(
                        Sampler.traceIdRatioBased(settings.tracing().ratio())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter(endpoint)).build())
                .build();
    }

    private static String role(Settings settings) {
        return settings.roles().contains(Settings.Role.OPERATOR) ? "operator" : "companion";
    }

    private static SpanExporter exporter(String endpoint) {
        try {
            return OtlpHttpSpanExporter.builder()
                    .setEndpoint(endpoint.replaceFirst("/+$", "") + "/v1/traces")
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "anchorhold.tracing.endpoint must be the address of an OTLP collector, such as http://collector:4318",
                    e);
        }
    }

    /** After all else, with its spans; a collector that is away must not delay who gives a Lease up. */
    void end(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) ShutdownEvent event) {
        openTelemetry.ifPresent(it -> it.spans.shutdown().join(LAST_SPANS.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Makes spans; of those nobody hears where there is no collector. */
    public static Tracer tracer() {
        return GlobalOpenTelemetry.getTracer(SCOPE);
    }

    /** The headers by which the receiver of a request goes on with the current trace. */
    public static Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        GlobalOpenTelemetry.getPropagators()
                .getTextMapPropagator()
                .inject(Context.current(), headers, (all, name, value) -> all.put(name, value));
        return headers;
    }

    /** The trace with which a request's sender wants its receiver to go on. */
    public static Context sender(UnaryOperator<String> header) {
        return GlobalOpenTelemetry.getPropagators()
                .getTextMapPropagator()
                .extract(Context.root(), header, HeaderGetter.INSTANCE);
    }

    private enum HeaderGetter implements TextMapGetter<UnaryOperator<String>> {
        INSTANCE;

        @Override
        public Iterable<String> keys(UnaryOperator<String> header) {
            return List.of();
        }

        @Override
        public String get(UnaryOperator<String> header, String name) {
            return header.apply(name);
        }
    }
}
