package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** {@code firewalls: ByContent}: the VMs of one account with equal rules share one firewall. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SharedFirewallTest {
    /** Well before the next resync, a minute: it is the feed that tells of a drift, and the repair follows at once. */
    private static final int VMS = 12;

    private static TestEnvironment testEnvironment;

    @BeforeAll
    static void open() {
        testEnvironment = new TestEnvironment(TestEnvironment.quick(), Firewalls.ByContent);
        testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        testEnvironment.close();
    }

    private static JsonNode firewalls() {
        return testEnvironment.cloud.console().act("GET", "/firewalls", null).get("firewalls");
    }

    @Test
    @Order(1)
    void many_at_once_make_one_firewall() {
        for (int i = 0; i < VMS; i++) {
            testEnvironment.apply("vm" + i);
        }
        Set<Long> used = new HashSet<>();
        for (int i = 0; i < VMS; i++) {
            used.add(testEnvironment.awaitReady("vm" + i).getStatus().firewallId());
        }
        assertThat(used).hasSize(1);
        assertThat(firewalls()).hasSize(1);
        assertThat(testEnvironment.cloud.requests().count("POST", "/firewalls")).isEqualTo(1);
    }

    @Test
    @Order(2)
    void changed_rules_attach_the_new_firewall_before_the_old_one_is_detached() {
        long before = testEnvironment.vm("vm0").get().getStatus().firewallId();
        testEnvironment.cloud.requests().reset();
        testEnvironment.apply("vm0", "firewall: {inbound: [{protocol: tcp, port: \"443\"}]}");
        var vm = testEnvironment.await(
                "vm0", v -> TestEnvironment.ready(v).holds() && v.getStatus().firewallId() != before);

        var actions = testEnvironment.cloud.requests().entries().stream()
                .filter(e -> e.method().equals("POST"))
                .map(e -> e.path())
                .toList();
        assertThat(actions)
                .containsExactly(
                        "/firewalls",
                        "/firewalls/" + vm.getStatus().firewallId() + "/actions/apply_to_resources",
                        "/firewalls/" + before + "/actions/remove_from_resources");
        assertThat(firewalls()).hasSize(2);
    }

    @Test
    @Order(3)
    void a_firewall_that_nobody_wants_any_more_goes() {
        testEnvironment.apply("vm0");
        testEnvironment.awaitReady("vm0");
        await().until(() -> firewalls().size() == 1);
    }

    @Test
    @Order(4)
    void drift_of_a_shared_firewall_is_put_right_by_one_call() {
        testEnvironment.cloud.requests().reset();
        testEnvironment.cloud.console().setRules(firewalls().get(0).get("id").asLong(), "[]");
        await().until(() -> testEnvironment.cloud.requests().count("POST", "/firewalls/{id}/actions/set_rules") > 0
                && firewalls().get(0).get("rules").size() == 1);
        assertThat(testEnvironment.cloud.requests().count("POST", "/firewalls/{id}/actions/set_rules"))
                .isEqualTo(1);
    }

    @Test
    @Order(5)
    void the_last_one_takes_the_firewall_with_it() {
        for (int i = 0; i < VMS; i++) {
            testEnvironment.vm("vm" + i).delete();
        }
        for (int i = 0; i < VMS; i++) {
            testEnvironment.awaitGone("vm" + i);
        }
        assertThat(firewalls()).isEmpty();
    }
}
