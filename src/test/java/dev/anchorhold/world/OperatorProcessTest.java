package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.world.OperatorProcess.Settings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorProcessTest {
    /** Until there is a kind to reconcile, the SDK's own health check says that nothing was started. */
    private static final String NO_OPERATOR_YET =
            "-Dquarkus.smallrye-health.check.\"io.quarkiverse.operatorsdk.runtime.OperatorHealthCheck\".enabled=false";

    @TempDir
    Path folder;

    @Test
    void the_packaged_operator_runs_and_comes_back_after_a_kill() {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        Settings settings = new Settings(folder, chart.operatorKubeconfig(), Map.of()).withJvm(NO_OPERATOR_YET);
        try (OperatorProcess operator = OperatorProcess.start(settings).awaitReady()) {
            assertThat(operator.health().well()).isTrue();
            long before = operator.pid();

            operator.kill9();
            assertThat(operator.isAlive()).isFalse();
            assertThat(operator.health().well()).isFalse();

            operator.restart();
            operator.awaitReady();
            assertThat(operator.pid()).isNotEqualTo(before);
        }
    }
}
