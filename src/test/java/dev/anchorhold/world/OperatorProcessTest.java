package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.world.ProductProcess.Settings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the packaged operator: that it runs, and comes back after a kill. */
class OperatorProcessTest {
    @TempDir
    Path folder;

    @Test
    void the_packaged_operator_runs_and_comes_back_after_a_kill() {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        Settings settings = new Settings(folder, chart.operatorKubeconfig(), Map.of());
        try (OperatorProcess operator = OperatorProcess.start(settings).awaitReady()) {
            assertThat(operator.health().healthy()).isTrue();
            long before = operator.pid();

            operator.kill9();
            assertThat(operator.isAlive()).isFalse();
            assertThat(operator.health().healthy()).isFalse();

            operator.restart();
            operator.awaitReady();
            assertThat(operator.pid()).isNotEqualTo(before);
        }
    }

    @Test
    void one_that_is_asked_to_end_gives_up_the_lease() {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        Settings settings = new Settings(folder, chart.operatorKubeconfig(), Map.of());
        try (OperatorProcess operator = OperatorProcess.start(settings).awaitReady()) {
            await().until(() -> leader().equals(Optional.of("local-" + settings.port())));

            operator.close();

            assertThat(leader()).isEmpty();
        }
    }

    private static Optional<String> leader() {
        return Optional.ofNullable(ControlPlane.shared()
                        .client()
                        .leases()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("anchorhold-operator")
                        .get())
                .map(it -> it.getSpec().getHolderIdentity());
    }

    /** Without the flag it would go on, with whatever thread is left. */
    @Test
    void one_that_runs_out_of_memory_ends_and_says_so() {
        Settings settings = new Settings(folder, ControlPlane.shared().kubeconfig(), Map.of()).withJvm("-Xmx12m");
        try (OperatorProcess operator = OperatorProcess.start(settings)) {
            await().until(() -> !operator.isAlive());

            assertThat(operator.processes().getFirst().ending().orElseThrow())
                    .contains("exit code 3", "java.lang.OutOfMemoryError");
        }
    }
}
