package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Errors of the cloud are recovered from: by retries where time helps, with a condition that says what to do where a
 * person must.
 */
class PlainVmErrorTest {
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

    @AfterEach
    void noFaults() {
        testEnvironment.cloud.console().resetKnobs();
        testEnvironment.cloud.faults().clear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "504"})
    void F09_a_lost_answer_to_any_write_is_looked_up_and_nothing_is_done_twice(String how) {
        var lost = new Faults.LoseAnswer(how.equals("reset"));
        for (String path : List.of("/firewalls", "/servers", "/firewalls/{id}/actions/set_rules", "/servers/{id}/*")) {
            testEnvironment.cloud.faults().next("POST", path, lost);
        }
        testEnvironment.cloud.faults().next("DELETE", "/servers/{id}", lost);
        testEnvironment.cloud.faults().next("DELETE", "/firewalls/{id}", lost);
        String name = "lost-" + how;
        testEnvironment.cloud.requests().reset();
        testEnvironment.apply(name);
        var vm = testEnvironment.awaitReady(name);
        assertOneServerAndFirewall(vm);
        assertThat(testEnvironment.cloud.requests().count("POST", "/servers")).isEqualTo(1);
        assertThat(testEnvironment.cloud.requests().count("POST", "/firewalls")).isEqualTo(1);

        testEnvironment.apply(name, "firewall: {inbound: []}", "operatingMode: Stopped");
        testEnvironment.awaitReason(name, Reasons.STOPPED);
        assertThat(firewalls(vm).getFirst().get("rules")).isEmpty();

        deleteAndLeaveNothing(name);
    }

    @Test
    void refusals_for_a_moment_are_waited_out() {
        var faults = testEnvironment.cloud.faults();
        faults.add("POST", "/firewalls", 1, new Faults.Html(502));
        faults.add("POST", "/servers", 1, new Faults.ResetBefore());
        faults.add("POST", "/servers", 1, new Faults.Fail(409, "conflict", "conflicting changes"));
        faults.add("POST", "/servers", 1, new Faults.Fail(503, "unavailable", "try later"));
        faults.add("DELETE", "/servers/{id}", 1, new Faults.Fail(423, "locked", "server is locked"));
        faults.add("DELETE", "/firewalls/{id}", 1, new Faults.Fail(409, "conflict", "conflicting changes"));
        testEnvironment.apply("bumpy");
        assertOneServerAndFirewall(testEnvironment.awaitReady("bumpy"));
        deleteAndLeaveNothing("bumpy");
    }

    @Test
    void F01_F12_a_label_index_that_lags_makes_no_second_server() {
        testEnvironment.cloud.console().labelIndexLag(Duration.ofSeconds(3));
        testEnvironment.cloud.faults().next("POST", "/servers", new Faults.LoseAnswer(true));
        testEnvironment.apply("lagging");
        assertOneServerAndFirewall(testEnvironment.awaitReady("lagging"));
        deleteAndLeaveNothing("lagging");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "another-installation"})
    void F02_F03_a_strangers_server_of_our_name_is_told_of_and_not_touched(String installation) {
        String name = "taken" + installation.length();
        var hold = testEnvironment.cloud.faults().hold("POST", "/firewalls", Faults.When.BEFORE_COMMIT);
        var vm = testEnvironment.apply(name);
        assertThat(hold.awaitHeld()).isTrue();
        String uid = vm.getMetadata().getUid();
        String labels = installation.isEmpty()
                ? ""
                : ",\"labels\":{\"%s\":\"%s\",\"%s\":\"%s\"}"
                        .formatted(Ownership.INSTALLATION, installation, Ownership.UID, uid);
        long stranger = testEnvironment
                .cloud
                .console()
                .act(
                        "POST",
                        "/servers",
                        "{\"name\":\"%s\",\"server_type\":\"cx23\",\"image\":\"debian-12\",\"location\":\"hel1\"%s}"
                                .formatted(
                                        new CloudIdentity(testEnvironment.id, "PlainVm", uid, name).serverName(),
                                        labels))
                .at("/server/id")
                .asLong();
        hold.release();

        var told = testEnvironment.awaitReason(name, Reasons.NAME_TAKEN);
        assertThat(TestEnvironment.ready(told).message())
                .contains("server " + stranger)
                .contains("rename");
        testEnvironment.vm(name).delete();
        testEnvironment.awaitGone(name);
        assertThat(server(stranger).get("status").asText()).isEqualTo("running");
        testEnvironment.cloud.console().deleteServer(stranger);
    }

    @Test
    void F04_a_server_whose_start_failed_is_started_again() {
        testEnvironment.cloud.console().failActions("start_server", 1, "action_failed", "no luck");
        testEnvironment.apply("sluggish");
        assertOneServerAndFirewall(testEnvironment.awaitReady("sluggish"));
        deleteAndLeaveNothing("sluggish");
    }

    @Test
    void F05_a_create_that_takes_for_ever_is_waited_for_and_never_deleted() {
        testEnvironment.cloud.console().stickActions("create_server", 1);
        testEnvironment.cloud.requests().reset();
        testEnvironment.apply("slow");
        var waiting = testEnvironment.await(
                "slow", vm -> vm.getStatus() != null && vm.getStatus().serverId() != null);
        testEnvironment.apply("witness"); // a whole life passes meanwhile
        testEnvironment.awaitReady("witness");
        assertThat(TestEnvironment.ready(testEnvironment.vm("slow").get()).reason())
                .isEqualTo(Reasons.SERVER_CREATING);
        assertThat(testEnvironment.cloud.requests().count("DELETE", "/servers/{id}"))
                .isZero();

        testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/" + waiting.getStatus().serverId() + "/actions?status=running", null)
                .get("actions")
                .forEach(a -> testEnvironment
                        .cloud
                        .console()
                        .releaseAction(a.get("id").asLong()));
        assertThat(testEnvironment.awaitReady("slow").getStatus().serverId())
                .isEqualTo(waiting.getStatus().serverId());
        deleteAndLeaveNothing("slow");
    }

    @Test
    void F06_F11_the_next_type_is_taken_and_when_all_are_sold_out_the_condition_names_them() {
        testEnvironment
                .cloud
                .faults()
                .next("POST", "/servers", new Faults.Fail(412, "resource_unavailable", "placement"));
        testEnvironment.apply("second-choice");
        assertThat(testEnvironment.awaitReady("second-choice").getStatus().serverType())
                .isEqualTo("cpx22");

        testEnvironment
                .cloud
                .faults()
                .add("POST", "/servers", Integer.MAX_VALUE, new Faults.Fail(412, "resource_unavailable", "placement"));
        testEnvironment.cloud.requests().reset();
        testEnvironment.apply("sold-out");
        var told = testEnvironment.awaitReason("sold-out", Reasons.CAPACITY_EXHAUSTED);
        assertThat(TestEnvironment.ready(told).message())
                .contains("hel1")
                .contains("cx23")
                .contains("cpx22");
        assertThat(testEnvironment.cloud.requests().count("POST", "/servers")).isLessThanOrEqualTo(2);
        testEnvironment.cloud.faults().clear();
        testEnvironment.forgetOperator(); // what is sold out is asked for again after minutes, or by a new process
        testEnvironment.operator();
        testEnvironment.awaitReady("sold-out");
        deleteAndLeaveNothing("second-choice");
        deleteAndLeaveNothing("sold-out");
    }

    @Test
    void H27_sold_out_is_said_for_a_minute_after_it_ended_at_most_and_asked_for_by_a_call_a_minute() {
        var ahead = new AtomicReference<>(Duration.ZERO);
        testEnvironment.forgetOperator();
        try (var _ = new InProcessOperator(
                TestEnvironment.chart().operatorKubeconfig(),
                testEnvironment.id,
                InProcessOperator.QUICK,
                () -> Instant.now().plus(ahead.get()),
                Optional.empty())) {
            testEnvironment.cloud.console().setAvailable("*", "hel1", false);
            testEnvironment.apply("waits");
            var told = testEnvironment.awaitReason("waits", Reasons.CAPACITY_EXHAUSTED);
            assertThat(TestEnvironment.ready(told).message()).contains("cx23 (sold out)");

            testEnvironment.cloud.requests().reset();
            testEnvironment.cloud.console().setAvailable("*", "hel1", true);
            ahead.set(Duration.ofSeconds(61));
            testEnvironment.awaitReady("waits");
            assertThat(testEnvironment.cloud.requests().count("GET", "/server_types"))
                    .isEqualTo(1);
            assertThat(testEnvironment.cloud.requests().count("GET", "/images"))
                    .as("images are not sold out")
                    .isZero();
        }
        testEnvironment.operator();
        deleteAndLeaveNothing("waits");
    }

    @Test
    void F10_a_limit_of_the_cloud_is_told_with_what_to_do() {
        testEnvironment.cloud.console().limit("firewalls", 0);
        testEnvironment.apply("one-too-many");
        var told = testEnvironment.awaitReason("one-too-many", Reasons.CLOUD_LIMIT_REACHED);
        assertThat(TestEnvironment.ready(told).message())
                .contains("firewalls: ByContent")
                .contains(testEnvironment.provider);
        testEnvironment.cloud.console().limit("firewalls", 10_000);
        deleteAndLeaveNothing("one-too-many");

        testEnvironment.cloud.console().limit("servers", 0);
        testEnvironment.apply("no-room");
        told = testEnvironment.awaitReason("no-room", Reasons.CLOUD_LIMIT_REACHED);
        assertThat(TestEnvironment.ready(told).message()).contains("limit");
        testEnvironment.cloud.console().limit("servers", 10_000);
        deleteAndLeaveNothing("no-room");
    }

    @Test
    void F15_F27_a_revoked_token_keeps_the_finalizer_and_a_new_one_goes_on_by_itself() {
        testEnvironment.apply("locked-out");
        testEnvironment.awaitReady("locked-out");
        testEnvironment.token(testEnvironment.cloud.revokedToken("default"));
        testEnvironment.vm("locked-out").delete();
        var told = testEnvironment.awaitReason("locked-out", Reasons.CREDENTIALS_INVALID);
        assertThat(told.getMetadata().getFinalizers()).isNotEmpty();

        testEnvironment.token(testEnvironment.cloud.token());
        testEnvironment.awaitGone("locked-out");
        assertNothingBears(told);
    }

    @Test
    void H28_a_deletion_that_a_read_only_token_holds_up_goes_on_when_the_same_token_may_write_again() {
        testEnvironment.apply("read-only");
        var vm = testEnvironment.awaitReady("read-only");
        access("READ_ONLY");
        testEnvironment.vm("read-only").delete();
        var told = testEnvironment.awaitReason("read-only", Reasons.CREDENTIALS_INVALID);
        assertThat(TestEnvironment.ready(told).message()).contains("forbidden", "read and write");
        await().until(() -> credentialsValid().status() == Condition.Status.False);
        assertThat(credentialsValid().reason()).isEqualTo(Reasons.CREDENTIALS_INVALID);

        access("READ_WRITE");
        testEnvironment.awaitGone("read-only");
        assertNothingBears(vm);
        await().until(() -> credentialsValid().status() == Condition.Status.True);
    }

    private static void access(String access) {
        testEnvironment.cloud.console().token("default", testEnvironment.cloud.token(), access);
    }

    private static Condition credentialsValid() {
        return Condition.find(
                        testEnvironment
                                .kubernetes
                                .resources(ProviderConfig.class)
                                .withName(testEnvironment.provider)
                                .get()
                                .getStatus()
                                .conditions(),
                        Reasons.CREDENTIALS_VALID)
                .orElseThrow();
    }

    @Test
    void F16_a_deletion_while_the_cloud_is_down_is_done_when_it_is_back() {
        testEnvironment.apply("outage");
        var vm = testEnvironment.awaitReady("outage");
        testEnvironment.cloud.faults().add("*", "*", Integer.MAX_VALUE, new Faults.Html(503));
        testEnvironment.vm("outage").delete();
        testEnvironment.await(
                "outage",
                it -> TestEnvironment.ready(it).reason().equals(Reasons.OUTCOME_UNKNOWN)
                        || TestEnvironment.ready(it).reason().equals(Reasons.CLOUD_UNAVAILABLE));
        testEnvironment.cloud.faults().clear();
        testEnvironment.awaitGone("outage");
        assertNothingBears(vm);
    }

    @Test
    void F17_a_firewall_that_stays_in_use_after_its_server_is_deleted_in_the_end() {
        testEnvironment.apply("clinging");
        testEnvironment.awaitReady("clinging");
        testEnvironment.cloud.console().firewallDetachLag(Duration.ofSeconds(3));
        deleteAndLeaveNothing("clinging");
    }

    @Test
    void F20_an_object_made_again_under_the_same_name_gets_a_server_of_its_own() {
        testEnvironment.apply("phoenix");
        long first = testEnvironment.awaitReady("phoenix").getStatus().serverId();
        testEnvironment.vm("phoenix").delete();
        testEnvironment.awaitGone("phoenix");
        testEnvironment.apply("phoenix");
        var again = testEnvironment.awaitReady("phoenix");
        assertThat(again.getStatus().serverId()).isNotEqualTo(first);
        assertOneServerAndFirewall(again);
        deleteAndLeaveNothing("phoenix");
    }

    @Test
    void F21_what_is_gone_already_is_deleted_at_once() {
        testEnvironment.apply("ghost");
        var vm = testEnvironment.awaitReady("ghost");
        testEnvironment
                .cloud
                .faults()
                .next("DELETE", "/servers/{id}", new Faults.Fail(404, "not_found", "server not found"));
        testEnvironment
                .cloud
                .faults()
                .next("DELETE", "/firewalls/{id}", new Faults.Fail(404, "not_found", "not found"));
        testEnvironment.cloud.console().deleteServer(vm.getStatus().serverId());
        deleteAndLeaveNothing("ghost");
    }

    @Test
    void F30_every_generation_is_observed_however_fast_they_come() {
        var names = IntStream.range(0, 40).mapToObj(i -> "busy-" + i).toList();
        names.forEach(testEnvironment::apply);
        names.parallelStream().forEach(name -> {
            for (int change = 0; change < 15; change++) {
                testEnvironment.apply(
                        name,
                        "firewall: {inbound: [{protocol: tcp, port: '%d', sources: ['0.0.0.0/0']}]}"
                                .formatted(1000 + change));
            }
        });
        for (String name : names) {
            var vm = testEnvironment.awaitReady(name);
            assertThat(vm.getStatus().observedGeneration())
                    .isEqualTo(vm.getMetadata().getGeneration())
                    .isEqualTo(16);
            assertThat(firewalls(vm).getFirst().at("/rules/0/port").asText()).isEqualTo("1014");
        }
        names.forEach(name -> testEnvironment.vm(name).delete());
        names.forEach(testEnvironment::awaitGone);
    }

    private static void assertOneServerAndFirewall(PlainVm vm) {
        assertThat(bearing("servers", vm)).hasSize(1);
        assertThat(firewalls(vm)).hasSize(1);
        assertThat(bearing("servers", vm)
                        .getFirst()
                        .at("/public_net/firewalls/0/id")
                        .asLong())
                .isEqualTo(vm.getStatus().firewallId());
    }

    private static void deleteAndLeaveNothing(String name) {
        var vm = testEnvironment.vm(name).get();
        testEnvironment.vm(name).delete();
        testEnvironment.awaitGone(name);
        assertNothingBears(vm);
    }

    private static void assertNothingBears(PlainVm vm) {
        await().untilAsserted(() -> {
            assertThat(bearing("servers", vm)).isEmpty();
            assertThat(firewalls(vm)).isEmpty();
        });
    }

    private static JsonNode server(long id) {
        return testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/" + id, null)
                .get("server");
    }

    private static List<JsonNode> firewalls(PlainVm vm) {
        return bearing("firewalls", vm);
    }

    /** Those of its name: the label index may lag. */
    private static List<JsonNode> bearing(String kind, PlainVm vm) {
        String name = new CloudIdentity(
                        testEnvironment.id,
                        "PlainVm",
                        vm.getMetadata().getUid(),
                        vm.getMetadata().getName())
                .serverName();
        var found = new ArrayList<JsonNode>();
        testEnvironment
                .cloud
                .console()
                .act("GET", "/" + kind + "?name=" + name, null)
                .get(kind)
                .forEach(found::add);
        return found;
    }
}
