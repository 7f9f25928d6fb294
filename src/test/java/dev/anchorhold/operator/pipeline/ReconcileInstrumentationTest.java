package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics.ControllerExecution;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

/** Tests what is measured of a reconcile, and what its lines in the log say. */
class ReconcileInstrumentationTest {
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final ReconcileInstrumentation instrumentation = new ReconcileInstrumentation(metrics);

    @Test
    void each_reconcile_is_counted_by_its_outcome_and_an_exception_passes_through() throws Exception {
        run(UpdateControl::noUpdate);
        run(DeleteControl::noFinalizerRemoval);
        run(DeleteControl::noFinalizerRemoval);
        run(DeleteControl::defaultDelete);
        assertThatThrownBy(() -> run(() -> {
                    throw new IllegalStateException("refused");
                }))
                .hasMessage("refused");

        assertThat(count("reconciled")).isEqualTo(1);
        assertThat(count("deleting")).isEqualTo(2);
        assertThat(count("deleted")).isEqualTo(1);
        assertThat(count("failed")).isEqualTo(1);
    }

    @Test
    void what_is_logged_meanwhile_names_the_object_and_the_reconcile_and_nothing_afterwards_does() {
        var vm = new PlainVm();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace("agents").withName("web").build());
        instrumentation.reconciliationStarted(vm, Map.of());
        assertThat(MDC.getMap())
                .containsEntry("kind", "PlainVm")
                .containsEntry("namespace", "agents")
                .containsEntry("name", "web");
        Object first = MDC.get("reconcile");
        instrumentation.reconciliationFinished(vm, null, Map.of());
        assertThat(MDC.getMap()).doesNotContainKeys("kind", "namespace", "name", "reconcile");

        var account = new Account();
        account.setMetadata(new ObjectMetaBuilder().withName("acme").build());
        instrumentation.reconciliationStarted(account, Map.of());
        assertThat(MDC.getMap()).doesNotContainKey("namespace");
        assertThat(MDC.get("reconcile")).isNotNull().isNotEqualTo(first);
        instrumentation.reconciliationFinished(account, null, Map.of());
    }

    private double count(String outcome) {
        return metrics.get("anchorhold.reconcile.duration")
                .tags("controller", "plainvm", "outcome", outcome)
                .timer()
                .count();
    }

    private <T> T run(Callable<T> reconcile) throws Exception {
        return instrumentation.timeControllerExecution(new ControllerExecution<T>() {
            @Override
            public String name() {
                return "reconcile";
            }

            @Override
            public String controllerName() {
                return "plainvm";
            }

            @Override
            public String successTypeName(T result) {
                return "";
            }

            @Override
            public ResourceID resourceID() {
                return new ResourceID("web", "agents");
            }

            @Override
            public Map<String, Object> metadata() {
                return Map.of();
            }

            @Override
            public T execute() throws Exception {
                return reconcile.call();
            }
        });
    }
}
