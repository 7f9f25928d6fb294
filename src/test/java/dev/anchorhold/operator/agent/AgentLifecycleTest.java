package dev.anchorhold.operator.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    void H02_an_orphan_stays_in_both_clouds_and_is_ours_no_more_and_bears_a_mark() {
        stage.apply("kept", "deletionPolicy: Orphan");
        var kept = stage.awaitReady("kept");
        stage.agent("kept").delete();
        stage.awaitGone("kept");

        var holdings = new AgentCloudContents(stage);
        assertThat(holdings.servers())
                .singleElement()
                .satisfies(s -> assertThat(abandoned(s)).isEqualTo(stage.testEnvironment.id));
        assertThat(holdings.volumes())
                .singleElement()
                .satisfies(v -> assertThat(abandoned(v)).isEqualTo(stage.testEnvironment.id));
        assertThat(holdings.tunnels())
                .singleElement()
                .satisfies(t -> assertThat(t.get("name").asText())
                        .isEqualTo("abandoned-anchorhold-%s-%s"
                                .formatted(
                                        stage.testEnvironment.id,
                                        kept.getMetadata().getUid())));
        assertThat(holdings.records())
                .singleElement()
                .satisfies(r -> assertThat(r.get("comment").asText())
                        .isEqualTo("abandoned anchorhold %s %s"
                                .formatted(
                                        stage.testEnvironment.id,
                                        kept.getMetadata().getUid())));
    }

    private static String abandoned(JsonNode resource) {
        assertThat(resource.get("labels").has(Ownership.INSTALLATION)).isFalse();
        return resource.get("labels").path(Ownership.ABANDONED).asText();
    }

    // ---- what is frozen is what is started, and nothing else

    @Test
    void H13_a_frozen_secret_that_was_replaced_is_not_started_until_the_true_one_is_back() {
        stage.apply("forged", "env: [{name: MOTTO, value: mine}]");
        var before = stage.awaitReady("forged");
        pause("forged", PausePolicy.ReleaseServer);
        Secret mine = frozenSecret("forged");
        replaceFrozen(mine, forge(mine));
        stage.testEnvironment.forgetOperator();
        stage.testEnvironment.operator();

        stage.patch("forged", "{\"operatingMode\": \"Running\"}");
        var refused = stage.awaitReason("forged", Reasons.FROZEN_SECRET_CHANGED);
        assertThat(refused.getStatus().image()).isEqualTo(before.getStatus().image());
        assertThat(refused.getStatus().size()).isEqualTo("small");
        assertThat(new AgentCloudContents(stage).servers()).isEmpty();

        replaceFrozen(mine, mine);
        stage.awaitReady("forged");
        assertThat(stage.guest("forged")
                        .payload()
                        .orElseThrow()
                        .at("/env/MOTTO")
                        .asText())
                .isEqualTo("mine");

        pause("forged", PausePolicy.ReleaseServer);
        replaceFrozen(mine, forge(mine)); // this operator knows the true one, and reads it again all the same
        stage.patch("forged", "{\"operatingMode\": \"Running\"}");
        stage.awaitReason("forged", Reasons.FROZEN_SECRET_CHANGED);
        assertThat(new AgentCloudContents(stage).servers()).isEmpty();
    }

    @Test
    void H13_a_secret_that_was_forged_before_the_freeze_is_not_believed() {
        stage.apply("pattern");
        stage.awaitReady("pattern");
        stage.testEnvironment.forgetOperator();
        var agent = stage.apply("early");
        var forged = forge(frozenSecret("pattern"));
        forged.getMetadata().setName("early-frozen");
        forged.getMetadata().setResourceVersion(null);
        forged.getMetadata()
                .getOwnerReferences()
                .forEach(o -> o.setUid(agent.getMetadata().getUid()));
        forged.getMetadata().getOwnerReferences().forEach(o -> o.setName("early"));
        stage.kubernetes.resource(forged).create();
        stage.testEnvironment.operator();
        stage.awaitReason("early", Reasons.FROZEN_SECRET_CHANGED);
        assertThat(new AgentCloudContents(stage).volumes()).as("the pattern's").hasSize(1);

        stage.kubernetes.resource(forged).delete();
        var ready = stage.awaitReady("early");
        assertThat(ready.getStatus().image())
                .as("the catalogue's, not the forger's")
                .isEqualTo(stage.agent("pattern").get().getStatus().image());
    }

    /** Another image, which the one who made it owns. */
    private static Secret forge(Secret genuine) {
        var forged = new SecretBuilder(genuine).build();
        String settings =
                new String(Base64.getDecoder().decode(genuine.getData().get("settings.json")), UTF_8);
        forged.setData(new TreeMap<>(genuine.getData()));
        forged.getData()
                .put(
                        "settings.json",
                        Base64.getEncoder()
                                .encodeToString(settings.replace("registry.example", "evil.example")
                                        .replace("small", "large")
                                        .getBytes(UTF_8)));
        return forged;
    }

    private static void replaceFrozen(Secret before, Secret now) {
        stage.kubernetes.resource(before).delete();
        var made = new SecretBuilder(now)
                .editMetadata()
                .withUid(null)
                .withResourceVersion(null)
                .withManagedFields(List.of())
                .endMetadata()
                .build();
        stage.kubernetes.resource(made).create();
    }

    // ---- a server that lost its guest

    @Test
    void H10_a_server_that_is_rebuilt_in_the_console_is_replaced_and_the_volume_stays() {
        stage.apply("rebuilt");
        var before = stage.awaitReady("rebuilt").getStatus();
        stage.testEnvironment
                .cloud
                .console()
                .act("POST", "/servers/" + before.serverId() + "/actions/rebuild", "{\"image\": \"debian-12\"}");
        var after = stage.await(
                "rebuilt",
                a -> a.getStatus().serverId() != null
                        && !a.getStatus().serverId().equals(before.serverId()));
        assertThat(after.getStatus().volumeId()).isEqualTo(before.volumeId());
        new AgentCloudContents(stage).assertExactlyOneOfEach(stage.awaitReady("rebuilt"));
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
