package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.Reasons;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Drift: what others change in the cloud's console is seen by the action feed and put right, or reported where nothing
 * can be put right.
 */
class PlainVmDriftTest {
    /** Well before the next resync, a minute: it is the feed that tells of a drift, and the repair follows at once. */
    private static final Duration SOON = Duration.ofSeconds(20);

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

    private static JsonNode server(PlainVm vm) {
        return testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/" + vm.getStatus().serverId(), null)
                .get("server");
    }

    private static JsonNode rules(PlainVm vm) {
        return testEnvironment
                .cloud
                .console()
                .act("GET", "/firewalls/" + vm.getStatus().firewallId(), null)
                .at("/firewall/rules");
    }

    @Test
    void F26_a_server_powered_off_in_the_console_is_powered_on_again() {
        testEnvironment.apply("dark");
        var vm = testEnvironment.awaitReady("dark");
        testEnvironment.cloud.console().powerOff(vm.getStatus().serverId());
        await().atMost(SOON)
                .until(
                        () -> testEnvironment
                                .kubernetes
                                .events()
                                .v1()
                                .events()
                                .inNamespace(testEnvironment.namespace)
                                .list()
                                .getItems()
                                .stream()
                                .anyMatch(e -> e.getReason().equals("PoweredOn")
                                        && e.getRegarding().getName().equals("dark")));
        await().atMost(SOON).until(() -> server(vm).get("status").asText().equals("running"));
        testEnvironment.awaitReady("dark");
    }

    @Test
    void F26_rules_changed_in_the_console_are_put_back() {
        testEnvironment.apply("open");
        var vm = testEnvironment.awaitReady("open");
        testEnvironment.cloud.console().setRules(vm.getStatus().firewallId(), "[]");
        await().atMost(SOON).until(() -> rules(vm).size() == 1);
        testEnvironment.awaitReady("open");
    }

    @Test
    void F26_a_firewall_detached_in_the_console_is_attached_again() {
        testEnvironment.apply("bare");
        var vm = testEnvironment.awaitReady("bare");
        testEnvironment
                .cloud
                .console()
                .detachFirewall(vm.getStatus().firewallId(), vm.getStatus().serverId());
        await().atMost(SOON).until(() -> server(vm).at("/public_net/firewalls").size() == 1);
        testEnvironment.awaitReady("bare");
    }

    @Test
    void a_foreign_firewall_on_the_server_is_taken_off_and_left_alone_itself() {
        testEnvironment.apply("holed");
        var vm = testEnvironment.awaitReady("holed");
        var foreign = testEnvironment
                .cloud
                .console()
                .act(
                        "POST",
                        "/firewalls",
                        "{\"name\":\"wide open\",\"apply_to\":[{\"type\":\"server\",\"server\":{\"id\":%d}}]}"
                                .formatted(vm.getStatus().serverId()));
        await().atMost(SOON).until(() -> server(vm).at("/public_net/firewalls").size() == 1);
        assertThat(server(vm).at("/public_net/firewalls/0/id").asLong())
                .isEqualTo(vm.getStatus().firewallId());
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("GET", "/firewalls/" + foreign.at("/firewall/id").asLong(), null))
                .isNotNull();
    }

    @Test
    void a_server_deleted_behind_our_back_is_reported_and_made_again_only_on_request() {
        testEnvironment.apply("lost");
        var vm = testEnvironment.awaitReady("lost");
        testEnvironment.cloud.console().deleteServer(vm.getStatus().serverId());
        var lost = testEnvironment.awaitReason("lost", Reasons.SERVER_LOST);
        assertThat(TestEnvironment.ready(lost).message()).contains("spec.recreate: WhenLost");
        assertThat(lost.getStatus().state()).isEqualTo("Lost");

        testEnvironment.apply("lost", "recreate: WhenLost");
        var again = testEnvironment.await("lost", v -> {
            var ready = TestEnvironment.ready(v);
            return ready.holds()
                    && !Objects.equals(v.getStatus().serverId(), vm.getStatus().serverId());
        });
        assertThat(again.getStatus().firewallId()).isEqualTo(vm.getStatus().firewallId());
    }

    @Test
    void a_deleted_firewall_is_made_again() {
        testEnvironment.apply("razed");
        var vm = testEnvironment.awaitReady("razed");
        testEnvironment
                .cloud
                .console()
                .detachFirewall(vm.getStatus().firewallId(), vm.getStatus().serverId());
        await().ignoreExceptions().atMost(SOON).until(() -> {
            testEnvironment
                    .cloud
                    .console()
                    .act("DELETE", "/firewalls/" + vm.getStatus().firewallId(), null);
            return true;
        });
        testEnvironment.await(
                "razed",
                v -> TestEnvironment.ready(v).holds()
                        && !Objects.equals(
                                v.getStatus().firewallId(), vm.getStatus().firewallId()));
    }
}
