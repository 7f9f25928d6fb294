package dev.anchorhold.operator.pipeline;

import dev.anchorhold.platform.Tracing;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.StatusCode;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.MDC;

/**
 * Measures each reconcile of each kind, as {@code anchorhold.reconcile.duration}, traces it, and names the object and the reconcile in all that
 * is logged meanwhile. JOSDK calls it at the beginning and the end of each, in the thread that does the work.
 */
public final class ReconcileInstrumentation implements Metrics {
    private static final String KIND = "kind";
    private static final String NAMESPACE = "namespace";
    private static final String NAME = "name";
    private static final String RECONCILE = "reconcile";

    /** Where the collector has it. */
    private static final String TRACE = "trace";

    private final MeterRegistry metrics;

    public ReconcileInstrumentation(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    @Override
    public void reconciliationStarted(HasMetadata resource, Map<String, Object> metadata) {
        MDC.put(KIND, resource.getKind());
        MDC.put(NAME, resource.getMetadata().getName());
        Optional.ofNullable(resource.getMetadata().getNamespace()).ifPresent(it -> MDC.put(NAMESPACE, it));
        MDC.put(
                RECONCILE,
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }

    @Override
    public void reconciliationFinished(HasMetadata resource, RetryInfo retryInfo, Map<String, Object> metadata) {
        MDC.remove(KIND);
        MDC.remove(NAMESPACE);
        MDC.remove(NAME);
        MDC.remove(RECONCILE);
        MDC.remove(TRACE);
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        var timer = Timer.start(metrics);
        var span = Tracing.tracer()
                .spanBuilder("reconcile " + execution.controllerName())
                .setNoParent()
                .setAttribute("anchorhold.object", execution.resourceID().toString())
                .startSpan();
        String outcome = "failed";
        try (var _ = span.makeCurrent()) {
            if (span.getSpanContext().isSampled()) { // else the collector does not have it
                MDC.put(TRACE, span.getSpanContext().getTraceId());
            }
            T result = execution.execute();
            outcome = outcome(result);
            return result;
        } finally {
            if (outcome.equals("failed")) {
                span.setStatus(StatusCode.ERROR);
            }
            span.setAttribute("anchorhold.outcome", outcome).end();
            timer.stop(metrics.timer(
                    "anchorhold.reconcile.duration", "controller", execution.controllerName(), "outcome", outcome));
        }
    }

    private static String outcome(Object result) {
        return switch (result) {
            case DeleteControl it when it.isRemoveFinalizer() -> "deleted";
            case DeleteControl _ -> "deleting";
            case null, default -> "reconciled";
        };
    }
}
