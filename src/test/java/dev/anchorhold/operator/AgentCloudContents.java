package dev.anchorhold.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.resource.Agent;
import java.util.ArrayList;
import java.util.List;

/** Reads what both simulated clouds hold from their consoles, as their owners see it, and asserts on it. */
public final class AgentCloudContents {
    private final AgentTestEnvironment stage;

    public AgentCloudContents(AgentTestEnvironment stage) {
        this.stage = stage;
    }

    public List<JsonNode> servers() {
        return list(stage.testEnvironment.cloud.console().act("GET", "/servers?per_page=50", null), "servers");
    }

    public List<JsonNode> volumes() {
        return list(stage.testEnvironment.cloud.console().act("GET", "/volumes?per_page=50", null), "volumes");
    }

    public List<JsonNode> firewalls() {
        return list(stage.testEnvironment.cloud.console().act("GET", "/firewalls?per_page=50", null), "firewalls");
    }

    public List<JsonNode> tunnels() {
        return list(
                stage.edge
                        .console()
                        .act(
                                "GET",
                                "/accounts/%s/cfd_tunnel?is_deleted=false&per_page=1000"
                                        .formatted(stage.edge.accountId()),
                                null),
                "result");
    }

    public List<JsonNode> records() {
        return list(
                stage.edge
                        .console()
                        .act(
                                "GET",
                                "/zones/%s/dns_records?per_page=1000"
                                        .formatted(stage.edge.zoneId("anchorhold.localhost")),
                                null),
                "result");
    }

    /** One of everything, and what its status names. */
    public void assertExactlyOneOfEach(Agent agent) {
        String uid = agent.getMetadata().getUid();
        String name = agent.getMetadata().getName();
        var status = agent.getStatus();
        assertThat(of(uid, servers()))
                .as("servers of " + name)
                .extracting(AgentCloudContents::id)
                .containsExactly("" + status.serverId());
        assertThat(of(uid, volumes()))
                .as("volumes of " + name)
                .extracting(AgentCloudContents::id)
                .containsExactly("" + status.volumeId());
        assertThat(of(uid, volumes()).getFirst().get("server").asLong())
                .as("the volume's server of " + name)
                .isEqualTo(status.serverId());
        assertThat(tunnels().stream().filter(t -> t.get("name").asText().endsWith(uid)))
                .as("tunnels of " + name)
                .extracting(AgentCloudContents::id)
                .containsExactly(status.tunnelId());
        assertThat(records().stream().filter(r -> r.path("comment").asText().endsWith(uid)))
                .as("records of " + name)
                .extracting(r -> r.get("content").asText())
                .containsExactly(status.tunnelId() + ".cfargotunnel.com");
        assertThat(firewalls().stream().filter(f -> !f.at("/labels").has(Ownership.UID))) // PlainVms have their own
                .as("firewalls")
                .hasSize(1);
    }

    private static List<JsonNode> of(String uid, List<JsonNode> things) {
        return things.stream()
                .filter(t -> uid.equals(t.at("/labels").path(Ownership.UID).asText()))
                .toList();
    }

    private static String id(JsonNode thing) {
        return thing.get("id").asText();
    }

    /** Nothing is paid for that nobody wants; the installation's firewall stays. */
    public void assertNothingIsLeft() {
        assertThat(servers()).as("servers left").isEmpty();
        assertThat(volumes()).as("volumes left").isEmpty();
        assertThat(tunnels()).as("tunnels left").isEmpty();
        assertThat(records()).as("records left").isEmpty();
    }

    /** As a person would empty both clouds. */
    public void clear() {
        servers()
                .forEach(s -> stage.testEnvironment
                        .cloud
                        .console()
                        .deleteServer(s.get("id").asLong()));
        await().until(() -> servers().isEmpty());
        volumes().forEach(v -> stage.testEnvironment.cloud.console().act("DELETE", "/volumes/" + id(v), null));
        tunnels().forEach(t -> stage.edge.console().deleteTunnel(id(t)));
        records().forEach(r -> stage.edge.console().deleteRecord("anchorhold.localhost", id(r)));
    }

    private static List<JsonNode> list(JsonNode answer, String field) {
        List<JsonNode> all = new ArrayList<>();
        (field.equals("result") ? answer : answer.get(field)).forEach(all::add);
        return all;
    }
}
