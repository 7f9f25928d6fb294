package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.WorldFailure;
import org.junit.jupiter.api.Test;

/** {@code kubectl wait --for=condition=Ready}, the real one, is to be relied upon. */
class KubectlWaitTest {

    @Test
    void it_never_passes_on_a_generation_that_the_operator_has_not_seen() {
        try (var testEnvironment = new TestEnvironment(TestEnvironment.quick())) {
            testEnvironment.operator();
            testEnvironment.apply("web");
            testEnvironment.awaitReady("web");
            awaitReady(testEnvironment, "5s");

            testEnvironment.forgetOperator();
            testEnvironment.apply("web", "firewall: {inbound: []}");
            assertThat(TestEnvironment.ready(testEnvironment.vm("web").get()).holds())
                    .as("nobody has had a chance to take the old word back")
                    .isTrue();
            assertThatThrownBy(() -> awaitReady(testEnvironment, "3s"))
                    .isInstanceOf(WorldFailure.class)
                    .hasMessageContaining("timed out");

            testEnvironment.operator();
            awaitReady(testEnvironment, "60s");
            long firewall = testEnvironment.vm("web").get().getStatus().firewallId();
            assertThat(testEnvironment
                            .cloud
                            .console()
                            .act("GET", "/firewalls/" + firewall, null)
                            .at("/firewall/rules"))
                    .isEmpty();
        }
    }

    private static void awaitReady(TestEnvironment testEnvironment, String timeout) {
        ControlPlane.shared()
                .kubectl(
                        "wait",
                        "--for=condition=Ready",
                        "plainvm/web",
                        "--namespace=" + testEnvironment.namespace,
                        "--timeout=" + timeout);
    }
}
