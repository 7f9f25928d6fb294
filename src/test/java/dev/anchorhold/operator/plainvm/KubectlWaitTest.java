package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.operator.Stage;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.WorldFailure;
import org.junit.jupiter.api.Test;

/** {@code kubectl wait --for=condition=Ready}, the real one, is to be relied upon. */
class KubectlWaitTest {

    @Test
    void it_never_passes_on_a_generation_that_the_operator_has_not_seen() {
        try (var stage = new Stage(Stage.quick())) {
            stage.operator();
            stage.apply("web");
            stage.awaitReady("web");
            awaitReady(stage, "5s");

            stage.forgetOperator();
            stage.apply("web", "firewall: {inbound: []}");
            assertThat(Stage.ready(stage.vm("web").get()).holds())
                    .as("nobody has had a chance to take the old word back")
                    .isTrue();
            assertThatThrownBy(() -> awaitReady(stage, "3s"))
                    .isInstanceOf(WorldFailure.class)
                    .hasMessageContaining("timed out");

            stage.operator();
            awaitReady(stage, "60s");
            long firewall = stage.vm("web").get().getStatus().firewallId();
            assertThat(stage.cloud
                            .console()
                            .act("GET", "/firewalls/" + firewall, null)
                            .at("/firewall/rules"))
                    .isEmpty();
        }
    }

    private static void awaitReady(Stage stage, String timeout) {
        ControlPlane.shared()
                .kubectl(
                        "wait",
                        "--for=condition=Ready",
                        "plainvm/web",
                        "--namespace=" + stage.namespace,
                        "--timeout=" + timeout);
    }
}
