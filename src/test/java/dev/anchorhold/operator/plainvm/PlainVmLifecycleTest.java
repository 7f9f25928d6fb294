package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Reasons;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PlainVms from creation to deletion: a real API server, a simulated cloud, the operator under its own rights. */
class PlainVmLifecycleTest {
    private static TestEnvironment testEnvironment;

    @BeforeAll
    static void open() {
        testEnvironment = new TestEnvironment(TestEnvironment.quick());
        testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        testEnvironment.close();
    }

    @Test
    void an_applied_vm_becomes_a_server_with_its_firewall_and_its_deletion_leaves_nothing() {
        testEnvironment.apply("web");
        var vm = testEnvironment.awaitReady("web");

        assertThat(vm.getStatus().ipv4()).startsWith("203.0.113.");
        assertThat(vm.getStatus().state()).isEqualTo("Running");
        assertThat(TestEnvironment.ready(vm).reason()).isEqualTo(Reasons.RUNNING);
        var server = testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/" + vm.getStatus().serverId(), null)
                .get("server");
        assertThat(server.get("status").asText()).isEqualTo("running");
        assertThat(server.at("/public_net/firewalls/0/id").asLong())
                .isEqualTo(vm.getStatus().firewallId());

        testEnvironment.vm("web").delete();
        testEnvironment.awaitGone("web");
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("GET", "/servers?name=" + vm.getStatus().serverName(), null)
                        .get("servers"))
                .isEmpty();
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("GET", "/firewalls?name=" + vm.getStatus().serverName(), null)
                        .get("firewalls"))
                .isEmpty();
    }

    @Test
    void stop_and_start() {
        testEnvironment.apply("sleeper");
        testEnvironment.awaitReady("sleeper");

        testEnvironment.apply("sleeper", "operatingMode: Stopped");
        var stopped = testEnvironment.awaitReason("sleeper", Reasons.STOPPED);
        assertThat(stopped.getStatus().state()).isEqualTo("Stopped");

        testEnvironment.apply("sleeper", "operatingMode: Running");
        assertThat(testEnvironment.awaitReady("sleeper").getStatus().state()).isEqualTo("Running");
    }

    @Test
    void a_changed_firewall_is_carried_out() {
        testEnvironment.apply("walled");
        long firewall = testEnvironment.awaitReady("walled").getStatus().firewallId();

        testEnvironment.apply("walled", "firewall: {inbound: []}");
        testEnvironment.awaitReady("walled");
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("GET", "/firewalls/" + firewall, null)
                        .at("/firewall/rules"))
                .isEmpty();
    }
}
