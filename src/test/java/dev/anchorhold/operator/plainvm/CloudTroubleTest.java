package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.Identity;
import dev.anchorhold.operator.Stage;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong in a cloud, and that it comes right: by itself where time helps, with a condition that says what to do where a person must. */
class CloudTroubleTest {
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

    @AfterEach
    void calm() {
        stage.cloud.console().resetKnobs();
        stage.cloud.faults().clear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "504"})
    void F09_a_lost_answer_to_any_write_is_looked_up_and_nothing_is_done_twice(String how) {
        var lost = new Faults.LoseAnswer(how.equals("reset"));
        for (String path : List.of("/firewalls", "/servers", "/firewalls/{id}/actions/set_rules", "/servers/{id}/*")) {
            stage.cloud.faults().next("POST", path, lost);
        }
        stage.cloud.faults().next("DELETE", "/servers/{id}", lost);
        stage.cloud.faults().next("DELETE", "/firewalls/{id}", lost);
        String name = "lost-" + how;
        stage.cloud.requests().reset();
        stage.apply(name);
        var vm = stage.awaitReady(name);
        assertOneServerAndFirewall(vm);
        assertThat(stage.cloud.requests().count("POST", "/servers")).isEqualTo(1);
        assertThat(stage.cloud.requests().count("POST", "/firewalls")).isEqualTo(1);

        stage.apply(name, "firewall: {inbound: []}", "operatingMode: Stopped");
        stage.awaitReason(name, Reasons.STOPPED);
        assertThat(firewalls(vm).getFirst().get("rules")).isEmpty();

        deleteAndLeaveNothing(name);
    }

    @Test
    void refusals_for_a_moment_are_waited_out() {
        var faults = stage.cloud.faults();
        faults.add("POST", "/firewalls", 1, new Faults.Html(502));
        faults.add("POST", "/servers", 1, new Faults.ResetBefore());
        faults.add("POST", "/servers", 1, new Faults.Fail(409, "conflict", "conflicting changes"));
        faults.add("POST", "/servers", 1, new Faults.Fail(503, "unavailable", "try later"));
        faults.add("DELETE", "/servers/{id}", 1, new Faults.Fail(423, "locked", "server is locked"));
        faults.add("DELETE", "/firewalls/{id}", 1, new Faults.Fail(409, "conflict", "conflicting changes"));
        stage.apply("bumpy");
        assertOneServerAndFirewall(stage.awaitReady("bumpy"));
        deleteAndLeaveNothing("bumpy");
    }

    @Test
    void F01_F12_a_label_index_that_lags_makes_no_second_server() {
        stage.cloud.console().labelIndexLag(Duration.ofSeconds(3));
        stage.cloud.faults().next("POST", "/servers", new Faults.LoseAnswer(true));
        stage.apply("lagging");
        assertOneServerAndFirewall(stage.awaitReady("lagging"));
        deleteAndLeaveNothing("lagging");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "another-installation"})
    void F02_F03_a_strangers_server_of_our_name_is_told_of_and_not_touched(String installation) {
        String name = "taken" + installation.length();
        var hold = stage.cloud.faults().hold("POST", "/firewalls", Faults.When.BEFORE_COMMIT);
        var vm = stage.apply(name);
        assertThat(hold.awaitHeld()).isTrue();
        String uid = vm.getMetadata().getUid();
        String labels = installation.isEmpty()
                ? ""
                : ",\"labels\":{\"%s\":\"%s\",\"%s\":\"%s\"}"
                        .formatted(Ownership.INSTALLATION, installation, Ownership.UID, uid);
        long stranger = stage.cloud
                .console()
                .act(
                        "POST",
                        "/servers",
                        "{\"name\":\"%s\",\"server_type\":\"cx23\",\"image\":\"debian-12\",\"location\":\"hel1\"%s}"
                                .formatted(new Identity(stage.id, "PlainVm", uid, name).serverName(), labels))
                .at("/server/id")
                .asLong();
        hold.release();

        var told = stage.awaitReason(name, Reasons.NAME_TAKEN);
        assertThat(Stage.ready(told).message()).contains("server " + stranger).contains("rename");
        stage.vm(name).delete();
        stage.awaitGone(name);
        assertThat(server(stranger).get("status").asText()).isEqualTo("running");
        stage.cloud.console().deleteServer(stranger);
    }

    @Test
    void F04_a_server_whose_start_failed_is_started_again() {
        stage.cloud.console().failActions("start_server", 1, "action_failed", "no luck");
        stage.apply("sluggish");
        assertOneServerAndFirewall(stage.awaitReady("sluggish"));
        deleteAndLeaveNothing("sluggish");
    }

    @Test
    void F05_a_create_that_takes_for_ever_is_waited_for_and_never_deleted() {
        stage.cloud.console().stickActions("create_server", 1);
        stage.cloud.requests().reset();
        stage.apply("slow");
        var waiting = stage.await(
                "slow", vm -> vm.getStatus() != null && vm.getStatus().serverId() != null);
        stage.apply("witness"); // a whole life passes meanwhile
        stage.awaitReady("witness");
        assertThat(Stage.ready(stage.vm("slow").get()).reason()).isEqualTo(Reasons.SERVER_CREATING);
        assertThat(stage.cloud.requests().count("DELETE", "/servers/{id}")).isZero();

        stage.cloud
                .console()
                .act("GET", "/servers/" + waiting.getStatus().serverId() + "/actions?status=running", null)
                .get("actions")
                .forEach(a -> stage.cloud.console().releaseAction(a.get("id").asLong()));
        assertThat(stage.awaitReady("slow").getStatus().serverId())
                .isEqualTo(waiting.getStatus().serverId());
        deleteAndLeaveNothing("slow");
    }

    @Test
    void F06_F11_the_next_type_is_taken_and_when_all_are_sold_out_the_condition_names_them() {
        stage.cloud.faults().next("POST", "/servers", new Faults.Fail(412, "resource_unavailable", "placement"));
        stage.apply("second-choice");
        assertThat(stage.awaitReady("second-choice").getStatus().serverType()).isEqualTo("cpx22");

        stage.cloud
                .faults()
                .add("POST", "/servers", Integer.MAX_VALUE, new Faults.Fail(412, "resource_unavailable", "placement"));
        stage.cloud.requests().reset();
        stage.apply("sold-out");
        var told = stage.awaitReason("sold-out", Reasons.CAPACITY_EXHAUSTED);
        assertThat(Stage.ready(told).message())
                .contains("hel1")
                .contains("cx23")
                .contains("cpx22");
        assertThat(stage.cloud.requests().count("POST", "/servers")).isLessThanOrEqualTo(2);
        stage.cloud.faults().clear();
        stage.forgetOperator(); // what is sold out is asked for again after minutes, or by a new process
        stage.operator();
        stage.awaitReady("sold-out");
        deleteAndLeaveNothing("second-choice");
        deleteAndLeaveNothing("sold-out");
    }

    @Test
    void F10_a_limit_of_the_cloud_is_told_with_what_to_do() {
        stage.cloud.console().limit("firewalls", 0);
        stage.apply("one-too-many");
        var told = stage.awaitReason("one-too-many", Reasons.CLOUD_LIMIT_REACHED);
        assertThat(Stage.ready(told).message()).contains("firewalls: ByContent").contains(stage.provider);
        stage.cloud.console().limit("firewalls", 10_000);
        deleteAndLeaveNothing("one-too-many");

        stage.cloud.console().limit("servers", 0);
        stage.apply("no-room");
        told = stage.awaitReason("no-room", Reasons.CLOUD_LIMIT_REACHED);
        assertThat(Stage.ready(told).message()).contains("limit");
        stage.cloud.console().limit("servers", 10_000);
        deleteAndLeaveNothing("no-room");
    }

    @Test
    void F15_F27_a_revoked_token_keeps_the_finalizer_and_a_new_one_goes_on_by_itself() {
        stage.apply("locked-out");
        stage.awaitReady("locked-out");
        stage.token(stage.cloud.revokedToken("default"));
        stage.vm("locked-out").delete();
        var told = stage.awaitReason("locked-out", Reasons.CREDENTIALS_INVALID);
        assertThat(told.getMetadata().getFinalizers()).isNotEmpty();

        stage.token(stage.cloud.token());
        stage.awaitGone("locked-out");
        assertNothingBears(told);
    }

    @Test
    void F16_a_deletion_while_the_cloud_is_down_is_done_when_it_is_back() {
        stage.apply("outage");
        var vm = stage.awaitReady("outage");
        stage.cloud.faults().add("*", "*", Integer.MAX_VALUE, new Faults.Html(503));
        stage.vm("outage").delete();
        stage.await(
                "outage",
                it -> Stage.ready(it).reason().equals(Reasons.OUTCOME_UNKNOWN)
                        || Stage.ready(it).reason().equals(Reasons.CLOUD_UNAVAILABLE));
        stage.cloud.faults().clear();
        stage.awaitGone("outage");
        assertNothingBears(vm);
    }

    @Test
    void F17_a_firewall_that_stays_in_use_after_its_server_is_deleted_in_the_end() {
        stage.apply("clinging");
        stage.awaitReady("clinging");
        stage.cloud.console().firewallDetachLag(Duration.ofSeconds(3));
        deleteAndLeaveNothing("clinging");
    }

    @Test
    void F20_an_object_made_again_under_the_same_name_gets_a_server_of_its_own() {
        stage.apply("phoenix");
        long first = stage.awaitReady("phoenix").getStatus().serverId();
        stage.vm("phoenix").delete();
        stage.awaitGone("phoenix");
        stage.apply("phoenix");
        var again = stage.awaitReady("phoenix");
        assertThat(again.getStatus().serverId()).isNotEqualTo(first);
        assertOneServerAndFirewall(again);
        deleteAndLeaveNothing("phoenix");
    }

    @Test
    void F21_what_is_gone_already_is_deleted_at_once() {
        stage.apply("ghost");
        var vm = stage.awaitReady("ghost");
        stage.cloud.faults().next("DELETE", "/servers/{id}", new Faults.Fail(404, "not_found", "server not found"));
        stage.cloud.faults().next("DELETE", "/firewalls/{id}", new Faults.Fail(404, "not_found", "not found"));
        stage.cloud.console().deleteServer(vm.getStatus().serverId());
        deleteAndLeaveNothing("ghost");
    }

    @Test
    void F30_every_generation_is_observed_however_fast_they_come() {
        var names = IntStream.range(0, 40).mapToObj(i -> "busy-" + i).toList();
        names.forEach(stage::apply);
        names.parallelStream().forEach(name -> {
            for (int change = 0; change < 15; change++) {
                stage.apply(
                        name,
                        "firewall: {inbound: [{protocol: tcp, port: '%d', sources: ['0.0.0.0/0']}]}"
                                .formatted(1000 + change));
            }
        });
        for (String name : names) {
            var vm = stage.awaitReady(name);
            assertThat(vm.getStatus().observedGeneration())
                    .isEqualTo(vm.getMetadata().getGeneration())
                    .isEqualTo(16);
            assertThat(firewalls(vm).getFirst().at("/rules/0/port").asText()).isEqualTo("1014");
        }
        names.forEach(name -> stage.vm(name).delete());
        names.forEach(stage::awaitGone);
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
        var vm = stage.vm(name).get();
        stage.vm(name).delete();
        stage.awaitGone(name);
        assertNothingBears(vm);
    }

    private static void assertNothingBears(PlainVm vm) {
        await().untilAsserted(() -> {
            assertThat(bearing("servers", vm)).isEmpty();
            assertThat(firewalls(vm)).isEmpty();
        });
    }

    private static JsonNode server(long id) {
        return stage.cloud.console().act("GET", "/servers/" + id, null).get("server");
    }

    private static List<JsonNode> firewalls(PlainVm vm) {
        return bearing("firewalls", vm);
    }

    /** Those of its name: the label index may lag. */
    private static List<JsonNode> bearing(String kind, PlainVm vm) {
        String name = new Identity(
                        stage.id,
                        "PlainVm",
                        vm.getMetadata().getUid(),
                        vm.getMetadata().getName())
                .serverName();
        var found = new ArrayList<JsonNode>();
        stage.cloud
                .console()
                .act("GET", "/" + kind + "?name=" + name, null)
                .get(kind)
                .forEach(found::add);
        return found;
    }
}
