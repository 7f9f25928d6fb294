package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors in either cloud, at the door or by people are recovered from, or reported with what to do. */
@Tag("slow")
class AgentErrorTest {
    private static final String TUNNELS = "/accounts/{account_id}/cfd_tunnel";
    private static final String TUNNEL = TUNNELS + "/{tunnel_id}";
    private static final String RECORDS = "/zones/{zone_id}/dns_records";
    private static final String ZONE = "anchorhold.localhost";

    private static AgentTestEnvironment stage;

    @BeforeAll
    static void open() {
        stage = new AgentTestEnvironment();
        stage.testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @AfterEach
    void noFaults() {
        stage.testEnvironment.cloud.console().resetKnobs();
        stage.testEnvironment.cloud.faults().clear();
        stage.edge.console().resetKnobs();
        stage.edge.faults().clear();
        stage.testEnvironment.abandonAll();
        new AgentCloudContents(stage).clear();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void F09_a_lost_answer_to_any_write_is_looked_up_and_nothing_is_done_twice(boolean byReset) {
        var lost = new Faults.LoseAnswer(byReset);
        for (String path : List.of("/volumes", "/servers", "/volumes/{id}/actions/resize")) {
            stage.testEnvironment.cloud.faults().next("POST", path, lost);
        }
        for (String path : List.of("/servers/{id}", "/volumes/{id}")) {
            stage.testEnvironment.cloud.faults().next("DELETE", path, lost);
        }
        for (String it : List.of(
                "POST " + TUNNELS,
                "PUT " + TUNNEL + "/configurations",
                "POST " + RECORDS,
                "DELETE " + TUNNEL + "/connections",
                "DELETE " + TUNNEL,
                "DELETE " + RECORDS + "/{record_id}")) {
            stage.edge.faults().next(it.split(" ")[0], it.split(" ")[1], lost);
        }
        stage.apply("lost");
        new AgentCloudContents(stage).assertExactlyOneOfEach(stage.awaitReady("lost"));
        stage.patch("lost", "{\"dataVolume\": {\"sizeGiB\": 20}}");
        stage.await("lost", a -> Integer.valueOf(20).equals(a.getStatus().volumeGiB()));
        new AgentCloudContents(stage).assertExactlyOneOfEach(stage.awaitReady("lost"));
        deleteAndLeaveNothing("lost");
    }

    @Test
    void F18_a_tunnel_whose_connections_linger_is_deleted_in_the_end() {
        stage.apply("lingering");
        stage.awaitReady("lingering");
        stage.edge
                .faults()
                .add(
                        "DELETE",
                        TUNNEL,
                        2,
                        new Faults.Fail(400, "1022", "Cannot delete tunnel because it has active connections"));
        deleteAndLeaveNothing("lingering");
    }

    @Test
    void F02_F19_a_strangers_record_is_reported_and_left_alone() {
        String host = "strangers." + ZONE;
        stage.edge
                .faults()
                .next(
                        "POST",
                        RECORDS,
                        new Faults.Fail(400, "81053", "An A, AAAA, or CNAME record with that host already exists."));
        stage.apply("refused");
        stage.awaitReason("refused", Reasons.NAME_TAKEN);
        stage.awaitReady("refused");

        String record = stage.edge.console().createRecord(ZONE, """
            {"type": "A", "name": "%s", "content": "203.0.113.9", "comment": "somebody else's"}\
            """.formatted(host));
        assertThat(record).isNotEmpty();
        String mine = stage.agent("refused").get().getStatus().dnsRecordId();
        stage.edge.console().changeRecord(ZONE, mine, "{\"comment\": \"taken over\"}");
        stage.agent("refused").delete();
        await().until(() -> new AgentCloudContents(stage).tunnels().isEmpty());
        assertThat(new AgentCloudContents(stage).records())
                .as("neither stranger's record was touched")
                .hasSize(2);
    }

    @Test
    void a_server_that_never_comes_in_is_replaced_and_the_volume_stays() {
        stage.guests.mute(true);
        stage.apply("absent");
        var booting = stage.awaitReason("absent", Reasons.GUEST_BOOTING).getStatus();
        stage.testEnvironment.forgetOperator();
        stage.testEnvironment.operator(Duration.ofMinutes(16));
        try {
            var replaced = stage.await(
                    "absent",
                    a -> a.getStatus().serverId() != null
                            && !a.getStatus().serverId().equals(booting.serverId()));
            assertThat(replaced.getStatus().volumeId()).isEqualTo(booting.volumeId());
        } finally {
            stage.guests.mute(false);
            stage.testEnvironment.forgetOperator();
            stage.testEnvironment.operator();
        }
    }

    @Test
    void H10_a_server_that_was_rebuilt_while_nobody_looked_is_replaced_after_half_an_hour_of_silence() {
        stage.apply("wiped");
        var before = stage.awaitReady("wiped").getStatus();
        stage.testEnvironment.forgetOperator();
        stage.guests.mute(true);
        stage.testEnvironment
                .cloud
                .console()
                .act("POST", "/servers/" + before.serverId() + "/actions/rebuild", "{\"image\": \"debian-12\"}");
        stage.testEnvironment.operator(Duration.ofMinutes(31));
        try {
            var replaced = stage.await(
                    "wiped",
                    a -> a.getStatus().serverId() != null
                            && !a.getStatus().serverId().equals(before.serverId()));
            assertThat(replaced.getStatus().volumeId()).isEqualTo(before.volumeId());
        } finally {
            stage.guests.mute(false);
            stage.testEnvironment.forgetOperator();
            stage.testEnvironment.operator();
        }
    }

    @Test
    void H07_an_agent_is_not_admitted_by_an_account_that_does_not_name_its_namespace() {
        String other = "closed-" + stage.testEnvironment.id;
        var account = stage.testEnvironment.account(other, null, null);
        var spec = account.getSpec();
        account.setSpec(
                new AccountSpec(null, spec.providerConfigRef(), null, spec.quotas(), spec.sshKeys(), spec.members()));
        stage.kubernetes.resource(account).create();
        stage.apply("mine");
        stage.awaitReady("mine");
        stage.manifest("intruder", "account: " + other, "size: small", "image: " + stage.image);
        assertThat(stage.awaitReason("intruder", Reasons.NAMESPACE_NOT_ALLOWED)
                        .getStatus()
                        .providerConfig())
                .isNull();
        stage.patch("mine", "{\"account\": \"%s\"}".formatted(other));
        assertThat(stage.awaitReason("mine", Reasons.NAMESPACE_NOT_ALLOWED)
                        .getStatus()
                        .account())
                .as("handed over to nobody who does not take it")
                .isEqualTo(stage.testEnvironment.account);
        new AgentCloudContents(stage).assertExactlyOneOfEach(stage.agent("mine").get());
        stage.patch("mine", "{\"account\": \"%s\"}".formatted(stage.testEnvironment.account));
        stage.awaitReady("mine");
        stage.agent("intruder").delete();
        stage.awaitGone("intruder");
        stage.kubernetes.resource(account).delete();
    }

    @Test
    void what_a_person_must_do_is_said_and_then_it_goes_on() {
        stage.manifest("no-image", "account: " + stage.testEnvironment.account, "size: small", "image: nothing");
        stage.awaitReason("no-image", Reasons.AGENT_IMAGE_NOT_FOUND);
        stage.manifest("no-source", "account: " + stage.testEnvironment.account, "cloneOf: nobody");
        stage.awaitReason("no-source", Reasons.CLONE_SOURCE_UNAVAILABLE);
        stage.apply("no-secret", "env: [{name: KEY, secretKeyRef: {name: missing, key: k}}]");
        var missingSecret = stage.awaitReason("no-secret", Reasons.SECRET_NOT_FOUND);
        assertThat(AgentTestEnvironment.condition(missingSecret, Reasons.READY)
                        .orElseThrow()
                        .message())
                .contains("spec.env 'KEY'", "'missing'", "create it");
        assertThat(new AgentCloudContents(stage).volumes())
                .as("nothing is made yet")
                .isEmpty();
        stage.kubernetes
                .resource(new io.fabric8.kubernetes.api.model.SecretBuilder()
                        .withNewMetadata()
                        .withName("missing")
                        .withNamespace(stage.testEnvironment.namespace)
                        .endMetadata()
                        .withStringData(Map.of("k", "found"))
                        .build())
                .create();
        stage.awaitReady("no-secret");
        assertThat(stage.guest("no-secret")
                        .payload()
                        .orElseThrow()
                        .at("/env/KEY")
                        .asText())
                .isEqualTo("found");
    }

    @Test
    void F10_an_accounts_quota_holds_new_agents_back_and_none_that_stands() {
        String small = "small-" + stage.testEnvironment.id;
        stage.kubernetes.resource(stage.testEnvironment.account(small, null, 1)).create();
        stage.manifest("first", "account: " + small, "size: small", "image: " + stage.image);
        stage.awaitReady("first");
        stage.manifest("second", "account: " + small, "size: small", "image: " + stage.image);
        var held = stage.awaitReason("second", Reasons.QUOTA_EXCEEDED);
        assertThat(AgentTestEnvironment.condition(held, Reasons.READY)
                        .orElseThrow()
                        .message())
                .contains("spec.quotas.agents");
        stage.agent("first").delete();
        stage.awaitReady("second");
    }

    @Test
    void H05_an_accounts_quota_of_volumes_holds_new_and_growing_ones_back_and_none_that_stands() {
        String small = "volumes-" + stage.testEnvironment.id;
        var account = stage.kubernetes.resource(stage.testEnvironment.account(small, null, null));
        account.create();
        quota(small, 25);
        stage.manifest("holds", "account: " + small, "size: small", "image: " + stage.image);
        stage.awaitReady("holds");
        stage.manifest(
                "large", "account: " + small, "size: small", "image: " + stage.image, "dataVolume: {sizeGiB: 10240}");
        var held = stage.awaitReason("large", Reasons.QUOTA_EXCEEDED);
        assertThat(AgentTestEnvironment.condition(held, Reasons.READY)
                        .orElseThrow()
                        .message())
                .contains("spec.quotas.volumeGiB");
        assertThat(held.getStatus().volumeId()).isNull();

        stage.patch("holds", "{\"dataVolume\": {\"sizeGiB\": 30}}");
        var waits = stage.awaitReason("holds", Reasons.QUOTA_EXCEEDED);
        assertThat(waits.getStatus().volumeGiB()).isEqualTo(10);
        assertThat(waits.getStatus().state()).isEqualTo("Running");
        quota(small, 30);
        assertThat(stage.awaitReady("holds").getStatus().volumeGiB()).isEqualTo(30);
    }

    private void quota(String account, int volumeGiB) {
        stage.kubernetes
                .resources(Account.class)
                .withName(account)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"quotas\": {\"volumeGiB\": %d}}}".formatted(volumeGiB));
    }

    @Test
    void a_transfer_into_another_cloud_is_refused() {
        try (var elsewhere = new AgentTestEnvironment()) {
            stage.apply("stays");
            stage.awaitReady("stays");
            stage.patch("stays", "{\"account\": \"%s\"}".formatted(elsewhere.testEnvironment.account));
            var refused = stage.awaitReason("stays", Reasons.PROVIDER_CONFIG_DIFFERS);
            assertThat(refused.getStatus().account()).isEqualTo(stage.testEnvironment.account);
            stage.patch("stays", "{\"account\": \"%s\"}".formatted(stage.testEnvironment.account));
            stage.awaitReady("stays");
        }
    }

    @Test
    void a_lost_frozen_secret_is_reported_when_the_agent_cannot_be_started_from_it() {
        stage.apply("thawed");
        stage.awaitReady("thawed");
        stage.patch("thawed", "{\"operatingMode\": \"Paused\", \"pausePolicy\": \"ReleaseServer\"}");
        stage.awaitReason("thawed", Reasons.PAUSED);
        stage.kubernetes
                .secrets()
                .inNamespace(stage.testEnvironment.namespace)
                .withName("thawed-frozen")
                .delete();
        stage.patch("thawed", "{\"operatingMode\": \"Running\"}");
        stage.awaitReason("thawed", Reasons.FROZEN_LOST);
        deleteAndLeaveNothing("thawed");
    }

    private static void deleteAndLeaveNothing(String name) {
        stage.agent(name).delete();
        stage.awaitGone(name);
        new AgentCloudContents(stage).assertNothingIsLeft();
    }
}
