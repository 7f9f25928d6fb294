package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.OperatingMode;
import dev.anchorhold.resource.AgentSpec.PausePolicy;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Agents from creation to deletion, over both simulated clouds and the real door. */
class AgentLifecycleTest {
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
        stage.guests.mute(false);
        stage.testEnvironment.abandonAll();
        new AgentCloudContents(stage).clear();
    }

    @Test
    void F34_F35_ready_has_evidence_and_no_port_is_open() {
        stage.guests.mute(true);
        stage.apply("first");
        stage.awaitReason("first", Reasons.GUEST_BOOTING);
        stage.guests.mute(false);
        long server = stage.agent("first").get().getStatus().serverId();
        stage.testEnvironment.cloud.console().act("POST", "/servers/" + server + "/actions/reset", null);

        var ready = stage.awaitReady("first");
        assertThat(ready.getStatus().conditions())
                .allSatisfy(c -> assertThat(c.status()).as(c.type()).isEqualTo(Condition.Status.True));
        assertThat(AgentTestEnvironment.condition(ready, Reasons.READY)
                        .orElseThrow()
                        .message())
                .contains(ready.getStatus().url());
        assertThat(stage.guests.firewall(server)).get().satisfies(f -> {
            assertThat(f.open()).isFalse();
            assertThat(f.rules()).isEmpty();
        });
        new AgentCloudContents(stage).assertExactlyOneOfEach(ready);

        stage.guest("first").expose(true);
        assertThat(AgentTestEnvironment.condition(
                                stage.awaitReason("first", Reasons.GUEST_EXPOSED), Reasons.GUEST_READY)
                        .orElseThrow()
                        .message())
                .contains("22");
    }

    @Test
    void what_is_frozen_holds_through_pauses_of_both_kinds_and_all_that_changes_meanwhile() {
        stage.kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("api")
                        .withNamespace(stage.testEnvironment.namespace)
                        .endMetadata()
                        .withStringData(Map.of("key", "first"))
                        .build())
                .create();
        stage.apply(
                "frozen",
                "env: [{name: MOTTO, value: \"hold\\nfast\"}, {name: KEY, secretKeyRef: {name: api, key: key}}]");
        var before = stage.awaitReady("frozen");
        JsonNode given = stage.guest("frozen").payload().orElseThrow();
        assertThat(given.at("/env/MOTTO").asText()).isEqualTo("hold\nfast");
        assertThat(given.at("/env/KEY").asText()).isEqualTo("first");
        assertThat(given.at("/image").asText()).isEqualTo("registry.example/coder@" + AgentTestEnvironment.digest(1));
        Secret secret = frozenSecret("frozen");
        assertThat(secret.getImmutable()).isTrue();

        stage.publish(2);
        stage.kubernetes
                .secrets()
                .inNamespace(stage.testEnvironment.namespace)
                .withName("api")
                .delete();
        pause("frozen", PausePolicy.PowerOff);
        assertThat(status("frozen").serverId()).isEqualTo(before.getStatus().serverId());
        assertThat(stage.edge.console().tunnelStatus(before.getStatus().tunnelId()))
                .isNotEqualTo("healthy");
        resume("frozen");

        pause("frozen", PausePolicy.ReleaseServer);
        assertThat(new AgentCloudContents(stage).servers())
                .as("servers while released")
                .isEmpty();
        assertThat(new AgentCloudContents(stage).volumes()).hasSize(1);
        var after = resume("frozen");

        assertThat(after.getStatus().serverId()).isNotEqualTo(before.getStatus().serverId());
        assertThat(after.getStatus().volumeId()).isEqualTo(before.getStatus().volumeId());
        JsonNode again = stage.guest("frozen").payload().orElseThrow();
        assertThat(again.get("env")).isEqualTo(given.get("env"));
        assertThat(again.get("image")).isEqualTo(given.get("image"));
        assertThat(again.get("volume")).isEqualTo(given.get("volume"));
        assertThat(program(after)).as("the guest program, byte for byte").isEqualTo(program(before));
        assertThat(frozenSecret("frozen").getData()).isEqualTo(secret.getData());
        assertThat(AgentTestEnvironment.condition(after, Reasons.IMAGE_CURRENT).orElseThrow())
                .satisfies(c -> assertThat(c.message()).contains("Cloning is the supported upgrade path"))
                .satisfies(c -> assertThat(c.status()).isEqualTo(Condition.Status.False));
        new AgentCloudContents(stage).assertExactlyOneOfEach(after);

        stage.manifest("clone", "account: " + stage.testEnvironment.account, "cloneOf: frozen");
        stage.awaitReady("clone");
        JsonNode cloned = stage.guest("clone").payload().orElseThrow();
        assertThat(cloned.get("env")).as("the same environment").isEqualTo(given.get("env"));
        assertThat(cloned.at("/image").asText()).as("today's image").endsWith(AgentTestEnvironment.digest(2));
        assertThat(status("clone").volumeId()).isNotEqualTo(after.getStatus().volumeId());
        delete("frozen", "clone");
    }

    @Test
    void F38_a_transfer_cuts_the_old_owner_off_and_dates_the_new_ones_time() {
        String other = "other-" + stage.testEnvironment.id;
        stage.kubernetes
                .resource(stage.testEnvironment.account(other, null, null))
                .create();
        stage.apply("sold");
        var before = stage.awaitReady("sold");
        String oldToken = stage.edge.console().tunnelToken(before.getStatus().tunnelId());
        long server = before.getStatus().serverId();

        stage.patch("sold", "{\"account\": \"%s\"}".formatted(other));

        var after = stage.awaitReady("sold");
        assertThat(after.getStatus().account()).isEqualTo(other);
        assertThat(after.getStatus().accountSince())
                .isGreaterThanOrEqualTo(before.getStatus().accountSince());
        assertThat(after.getStatus().serverId()).as("the same server").isEqualTo(server);
        assertThat(after.getStatus().settings().version()).isEqualTo(2);
        String newToken = stage.edge.console().tunnelToken(after.getStatus().tunnelId());
        assertThat(newToken).isNotEqualTo(oldToken);
        assertThat(stage.guest("sold")
                        .payload()
                        .orElseThrow()
                        .at("/settings/tunnelToken")
                        .asText())
                .isEqualTo(newToken);
        assertThatThrownBy(() -> stage.edge.console().connect(oldToken)).as("the old token opens nothing");
        delete("sold");
    }

    @Test
    void F26_what_somebody_changes_in_either_cloud_is_put_right() {
        stage.apply("drift");
        var before = stage.awaitReady("drift");
        long server = before.getStatus().serverId();
        long volume = before.getStatus().volumeId();
        var hetzner = stage.testEnvironment.cloud.console();

        hetzner.act("POST", "/volumes/" + volume + "/actions/detach", "{}");
        awaitPutRight(
                "drift",
                () -> new AgentCloudContents(stage)
                                .volumes()
                                .getFirst()
                                .get("server")
                                .asLong()
                        == server);
        hetzner.act("POST", "/servers/" + server + "/actions/poweroff", "{}");
        awaitPutRight(
                "drift",
                () -> stage.testEnvironment.cloud.requests().count("POST", "/servers/{id}/actions/poweron") == 1);
        hetzner.act(
                "POST",
                "/firewalls/"
                        + new AgentCloudContents(stage)
                                .firewalls()
                                .getFirst()
                                .get("id")
                                .asLong() + "/actions/set_rules",
                """
                {"rules": [{"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0"]}]}\
                """);
        awaitPutRight(
                "drift",
                () -> new AgentCloudContents(stage)
                        .firewalls()
                        .getFirst()
                        .get("rules")
                        .isEmpty());
        stage.edge.console().deleteTunnel(before.getStatus().tunnelId());
        awaitPutRight(
                "drift",
                () -> !status("drift").tunnelId().equals(before.getStatus().tunnelId()));
        new AgentCloudContents(stage).assertExactlyOneOfEach(stage.awaitReady("drift"));

        hetzner.deleteServer(server);
        var healed = stage.await(
                "drift", a -> a.getStatus().serverId() != null && a.getStatus().serverId() != server);
        assertThat(healed.getStatus().volumeId())
                .as("a lost server is made anew")
                .isEqualTo(volume);
        stage.awaitReady("drift");

        hetzner.act("POST", "/volumes/" + volume + "/actions/detach", "{}");
        await().untilAsserted(() -> {
            hetzner.act("DELETE", "/volumes/" + volume, null);
            assertThat(new AgentCloudContents(stage).volumes()).isEmpty();
        });
        stage.awaitReason("drift", Reasons.VOLUME_LOST);
        delete("drift");
    }

    @Test
    void F37_deletion_leaves_nothing_in_either_cloud_and_the_guests_token_opens_nothing() throws Exception {
        stage.apply("gone", "dataVolume: {sizeGiB: 10}");
        stage.awaitReady("gone");
        stage.apply("gone", "dataVolume: {sizeGiB: 20}");
        stage.await("gone", a -> Integer.valueOf(20).equals(a.getStatus().volumeGiB()));
        var guest = stage.guest("gone");
        String token = guest.callbackToken().orElseThrow();
        assertThat(answerTo(token)).isEqualTo(200);
        String live = guest.callbackToken().orElseThrow();

        delete("gone");

        assertThat(answerTo(token)).isEqualTo(403);
        assertThat(answerTo(live)).isEqualTo(403);
        await().until(() -> stage.kubernetes
                        .secrets()
                        .inNamespace(stage.testEnvironment.namespace)
                        .withName("gone-frozen")
                        .get()
                == null);
    }

    @Test
    void an_orphan_stays_in_both_clouds_and_is_ours_no_more() {
        stage.apply("kept", "deletionPolicy: Orphan");
        var kept = stage.awaitReady("kept");
        stage.agent("kept").delete();
        stage.awaitGone("kept");

        var holdings = new AgentCloudContents(stage);
        assertThat(holdings.servers())
                .singleElement()
                .satisfies(s -> assertThat(s.get("labels")).isEmpty());
        assertThat(holdings.volumes())
                .singleElement()
                .satisfies(v -> assertThat(v.get("labels")).isEmpty());
        assertThat(holdings.tunnels())
                .singleElement()
                .satisfies(t -> assertThat(t.get("name").asText())
                        .isEqualTo("released-" + kept.getStatus().hostname()));
        assertThat(holdings.records())
                .singleElement()
                .satisfies(r -> assertThat(r.get("comment").asText())
                        .doesNotContain(kept.getMetadata().getUid()));
    }

    // ---- what people do

    private static void pause(String name, PausePolicy how) {
        mode(name, OperatingMode.Paused, how);
        stage.awaitReason(name, Reasons.PAUSED);
        stage.awaitReady(name);
    }

    private static Agent resume(String name) {
        mode(name, OperatingMode.Running, PausePolicy.PowerOff);
        stage.awaitReason(name, Reasons.RUNNING);
        return stage.awaitReady(name);
    }

    private static void mode(String name, OperatingMode mode, PausePolicy how) {
        stage.patch(name, "{\"operatingMode\": \"%s\", \"pausePolicy\": \"%s\"}".formatted(mode, how));
    }

    private static void delete(String... names) {
        for (String name : names) {
            stage.agent(name).delete();
        }
        for (String name : names) {
            stage.awaitGone(name);
        }
        new AgentCloudContents(stage).assertNothingIsLeft();
    }

    /** It was seen, and then it was well again. */
    private static void awaitPutRight(String name, java.util.concurrent.Callable<Boolean> right) {
        await().ignoreExceptions().until(right);
        stage.awaitReady(name);
    }

    private static AgentStatus status(String name) {
        return stage.agent(name).get().getStatus();
    }

    private static Secret frozenSecret(String name) {
        return stage.kubernetes
                .secrets()
                .inNamespace(stage.testEnvironment.namespace)
                .withName(name + "-frozen")
                .get();
    }

    /** As it is in the document of the server that it had then. */
    private static String program(Agent agent) {
        String document = stage.guests.documents().get(agent.getStatus().serverId());
        int at = document.indexOf("guest.py");
        return document.substring(document.lastIndexOf('{', at), document.indexOf('}', at));
    }

    private static int answerTo(String callbackToken) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(
                                            AgentTestEnvironment.companion().uri() + "/guest/v1/payload"))
                                    .header("Authorization", "Bearer " + callbackToken)
                                    .build(),
                            BodyHandlers.ofString())
                    .statusCode();
        }
    }
}
