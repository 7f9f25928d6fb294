package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.Reasons;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Drift: what others change in the cloud's console is seen by the action feed and put right, or reported where nothing
 * can be put right.
 */
class PlainVmDriftTest {
    /** Well before the next resync, a minute: it is the feed that tells of a drift, and the repair follows at once. */
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
        await().until(() -> testEnvironment.events(vm, "PoweredOn").findAny().isPresent());
        await().until(() -> server(vm).get("status").asText().equals("running"));
        testEnvironment.awaitReady("dark");
    }

    @Test
    void F26_rules_changed_in_the_console_are_put_back() {
        testEnvironment.apply("open");
        var vm = testEnvironment.awaitReady("open");
        testEnvironment.cloud.console().setRules(vm.getStatus().firewallId(), "[]");
        await().until(() -> rules(vm).size() == 1);
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
        await().until(() -> server(vm).at("/public_net/firewalls").size() == 1);
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
        await().until(() -> server(vm).at("/public_net/firewalls").size() == 1);
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
        long firewall = vm.getStatus().firewallId();
        // Each attempt detaches it first: the operator is quick to attach it again, and then it cannot be deleted.
        await().ignoreExceptions().until(() -> {
            if (server(vm).at("/public_net/firewalls").size() > 0)
                testEnvironment
                        .cloud
                        .console()
                        .detachFirewall(firewall, vm.getStatus().serverId());
            testEnvironment.cloud.console().act("DELETE", "/firewalls/" + firewall, null);
            return true;
        });
        testEnvironment.await(
                "razed",
                v -> TestEnvironment.ready(v).holds()
                        && !Objects.equals(v.getStatus().firewallId(), firewall));
    }

    @Test
    void H06_what_is_changed_in_the_console_and_not_put_right_is_told_until_it_is_undone() {
        testEnvironment.apply("drifting", "operatingMode: Stopped");
        var vm = testEnvironment.awaitReason("drifting", Reasons.STOPPED);
        assertThat(noDrift(vm).holds()).isTrue();
        act(vm, "change_type", "{\"server_type\":\"cx33\",\"upgrade_disk\":false}");
        told("drifting", "its type is cx33, and was cx23");
        act(vm, "enable_backup", "{}");
        act(vm, "enable_rescue", "{}");
        act(vm, "change_protection", "{\"delete\":true,\"rebuild\":true}");
        act(
                vm,
                "change_dns_ptr",
                "{\"ip\":\"%s\",\"dns_ptr\":\"mail.example.com\"}"
                        .formatted(vm.getStatus().ipv4()));
        var changed = told("drifting", "cx33", "rescue", "backups", "protected", "reverse DNS");
        assertThat(changed.getStatus().serverType()).isEqualTo("cx33");
        assertThat(changed.getStatus().asMade().serverType()).isEqualTo("cx23");
        assertThat(TestEnvironment.ready(changed).reason())
                .as("it holds nothing up")
                .isEqualTo(Reasons.STOPPED);
        await().until(() -> testEnvironment
                .events(changed, Reasons.CHANGED_IN_CLOUD)
                .anyMatch(e -> e.getNote().contains("cx33")));

        act(vm, "disable_backup", "{}");
        act(vm, "disable_rescue", "{}");
        act(vm, "change_protection", "{\"delete\":false,\"rebuild\":false}");
        act(
                vm,
                "change_dns_ptr",
                "{\"ip\":\"%s\",\"dns_ptr\":null}".formatted(vm.getStatus().ipv4()));
        await().until(() ->
                !noDrift(testEnvironment.vm("drifting").get()).message().contains("backups"));
        act(vm, "poweroff", "{}");
        await().until(() -> server(vm).get("status").asText().equals("off"));
        act(vm, "change_type", "{\"server_type\":\"cx23\",\"upgrade_disk\":false}");
        testEnvironment.await("drifting", it -> noDrift(it).holds());
    }

    @Test
    void H06_a_rebuild_and_a_reset_password_are_told_although_the_server_looks_as_before() {
        testEnvironment.apply("wiped");
        var vm = testEnvironment.awaitReady("wiped");
        act(vm, "rebuild", "{\"image\":\"debian-12\"}");
        told("wiped", "it was rebuilt");
        await().until(() -> server(vm).get("status").asText().equals("running"));
        act(vm, "reset_password", "{}");
        told("wiped", "it was rebuilt", "its root password was reset");
        testEnvironment.awaitReady("wiped");
    }

    private static Condition noDrift(PlainVm vm) {
        return Condition.find(vm.getStatus().conditions(), Reasons.NO_DRIFT).orElseThrow();
    }

    private static PlainVm told(String name, String... parts) {
        await().until(() -> {
            var condition = noDrift(testEnvironment.vm(name).get());
            return condition.reason().equals(Reasons.CHANGED_IN_CLOUD)
                    && Stream.of(parts).allMatch(condition.message()::contains);
        });
        return testEnvironment.vm(name).get();
    }

    /** As somebody does in the console, as soon as the server is not busy. */
    private static void act(PlainVm vm, String verb, String body) {
        await().ignoreExceptions().until(() -> {
            testEnvironment
                    .cloud
                    .console()
                    .act(
                            "POST",
                            "/servers/%d/actions/%s".formatted(vm.getStatus().serverId(), verb),
                            body);
            return true;
        });
    }
}
