package dev.anchorhold.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.ProductProcess;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that an outage of a cloud is a condition and a metric, and makes no pod unready: to start it again would mend nothing. */
class ReadinessTest {
    private static final Faults.Fault AWAY = new Faults.Fail(503, "unavailable", "away");

    @TempDir
    private Path folder;

    @Test
    void an_operator_is_ready_while_its_cloud_is_away_from_its_first_call_on_and_later() {
        try (var environment = new TestEnvironment(TestEnvironment.quick())) {
            environment.cloud.faults().add("*", "*", Integer.MAX_VALUE, AWAY);
            try (var operator = OperatorProcess.start(new ProductProcess.Settings(
                            folder,
                            TestEnvironment.chart().operatorKubeconfig(),
                            Map.of("ANCHORHOLD_INSTALLATION", environment.id)))
                    .awaitReady()) {
                await().until(() -> ready(environment)
                        .filter(it -> it.reason().equals(Reasons.CLOUD_UNAVAILABLE))
                        .isPresent());
                await().untilAsserted(() -> assertThat(ExposedMetrics.of(operator)
                                .sum(
                                        "anchorhold_objects",
                                        "kind",
                                        "ProviderConfig",
                                        "ready",
                                        "Unknown",
                                        "reason",
                                        Reasons.CLOUD_UNAVAILABLE))
                        .isEqualTo(1));
                assertThat(calls(operator, "ok")).isZero();
                assertThat(calls(operator, "transient")).isPositive();
                assertThat(operator.health().healthy()).isTrue();

                environment.cloud.faults().clear();
                environment.apply("web");
                environment.awaitReady("web");

                double before = calls(operator, "transient");
                environment.cloud.faults().add("*", "*", Integer.MAX_VALUE, AWAY);
                await().until(() -> calls(operator, "transient") > before);
                assertThat(operator.health().healthy()).isTrue();
                environment.cloud.faults().clear();
            }
        }
    }

    private static double calls(OperatorProcess operator, String outcome) {
        return ExposedMetrics.of(operator).sum("anchorhold_cloud_calls_total", "outcome", outcome);
    }

    private static Optional<Condition> ready(TestEnvironment environment) {
        return Optional.ofNullable(environment
                        .kubernetes
                        .resources(ProviderConfig.class)
                        .withName(environment.provider)
                        .get()
                        .getStatus())
                .flatMap(it -> Condition.find(it.conditions(), Reasons.READY));
    }
}
