package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.Stage;
import dev.anchorhold.resource.Reasons;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From apply to nothing left: a real API server, a simulated cloud, the operator under its own rights. */
class PlainVmLifeTest {
    private static Stage stage;

    @BeforeAll
    static void open() {
        stage = new Stage(Stage.quick());
        stage.operator();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void an_applied_vm_becomes_a_server_with_its_firewall_and_its_deletion_leaves_nothing() {
        stage.apply("web");
        var vm = stage.awaitReady("web");

        assertThat(vm.getStatus().ipv4()).startsWith("203.0.113.");
        assertThat(vm.getStatus().state()).isEqualTo("Running");
        assertThat(Stage.ready(vm).reason()).isEqualTo(Reasons.RUNNING);
        var server = stage.cloud
                .console()
                .act("GET", "/servers/" + vm.getStatus().serverId(), null)
                .get("server");
        assertThat(server.get("status").asText()).isEqualTo("running");
        assertThat(server.at("/public_net/firewalls/0/id").asLong())
                .isEqualTo(vm.getStatus().firewallId());

        stage.vm("web").delete();
        stage.awaitGone("web");
        assertThat(stage.cloud
                        .console()
                        .act("GET", "/servers?name=" + vm.getStatus().serverName(), null)
                        .get("servers"))
                .isEmpty();
        assertThat(stage.cloud
                        .console()
                        .act("GET", "/firewalls?name=" + vm.getStatus().serverName(), null)
                        .get("firewalls"))
                .isEmpty();
    }

    @Test
    void stop_and_start() {
        stage.apply("sleeper");
        stage.awaitReady("sleeper");

        stage.apply("sleeper", "operatingMode: Stopped");
        var stopped = stage.awaitReason("sleeper", Reasons.STOPPED);
        assertThat(stopped.getStatus().state()).isEqualTo("Stopped");

        stage.apply("sleeper", "operatingMode: Running");
        assertThat(stage.awaitReady("sleeper").getStatus().state()).isEqualTo("Running");
    }

    @Test
    void a_changed_firewall_is_carried_out() {
        stage.apply("walled");
        long firewall = stage.awaitReady("walled").getStatus().firewallId();

        stage.apply("walled", "firewall: {inbound: []}");
        stage.awaitReady("walled");
        assertThat(stage.cloud
                        .console()
                        .act("GET", "/firewalls/" + firewall, null)
                        .at("/firewall/rules"))
                .isEmpty();
    }
}
