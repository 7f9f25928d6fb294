package dev.anchorhold.sim.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of tunnels, their lists, connections, tokens and configurations. */
class TunnelsTest {
    private final CloudflareSimulator simulator = CloudflareSimulator.start(new CloudflareOptions().noRateLimit());
    private final CloudflareTestClient api = CloudflareTestClient.of(simulator);
    private final CloudflareConsole console = simulator.console();

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    private List<String> names(String query) {
        return api.get(api.tunnels + query).body().path("result").findValuesAsText("name");
    }

    @Test
    void a_new_tunnel_comes_with_the_token_that_its_connector_needs() throws Exception {
        var tunnel = api.createTunnel("one").body().path("result");
        assertThat(tunnel.path("status").asText()).isEqualTo("inactive");
        assertThat(tunnel.path("deleted_at").isNull()).isTrue();
        assertThat(tunnel.has("connections")).isFalse();
        String token = tunnel.path("token").asText();
        String parts = new String(Base64.getDecoder().decode(token));
        assertThat(parts)
                .contains(
                        "\"a\":\"" + simulator.accountId(),
                        "\"t\":\"" + tunnel.path("id").asText());
        String path = api.tunnels + "/" + tunnel.path("id").asText();
        assertThat(api.get(path + "/token").body().path("result").asText()).isEqualTo(token);
        assertThat(api.get(path).body().at("/result/token").isMissingNode()).isTrue();
    }

    @Test
    void a_name_belongs_to_one_live_tunnel_of_an_account() {
        String first = api.tunnelId("one");
        var again = api.post(api.tunnels, "{\"name\":\"one\"}");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.code()).isEqualTo("1013");
        assertThat(again.body().path("success").asBoolean()).isFalse();
        api.delete(api.tunnels + "/" + first);
        assertThat(api.tunnelId("one")).isNotEqualTo(first);
    }

    @Test
    void a_deleted_tunnel_can_still_be_read_and_is_listed_only_when_asked_for() {
        String id = api.tunnelId("one");
        api.tunnelId("two");
        assertThat(api.delete(api.tunnels + "/" + id).status()).isEqualTo(200);
        var gone = api.get(api.tunnels + "/" + id);
        assertThat(gone.status()).isEqualTo(200);
        assertThat(gone.body().at("/result/deleted_at").isTextual()).isTrue();
        assertThat(names("")).containsExactly("two");
        assertThat(names("?is_deleted=false")).containsExactly("two");
        assertThat(names("?is_deleted=true")).containsExactly("one");
        var unknown = api.get(api.tunnels + "/00000000-0000-0000-0000-000000000000");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("1003");
        assertThat(api.get(api.tunnels + "/" + id + "/token").code()).isEqualTo("1003");
        assertThat(api.get(api.tunnels + "/no-uuid").code()).isEqualTo("7003");
    }

    @Test
    void lists_filter_and_come_in_pages_that_say_how_many_there_are() {
        for (String name : List.of("a-1", "a-2", "a-3", "b-1")) api.createTunnel(name);
        assertThat(names("?name=a-1")).containsExactly("a-1");
        assertThat(names("?include_prefix=a-")).containsExactly("a-3", "a-2", "a-1");
        assertThat(names("?include_prefix=a-&exclude_prefix=a-1")).containsExactly("a-3", "a-2");
        assertThat(names("?status=inactive")).hasSize(4);
        assertThat(names("?status=healthy")).isEmpty();
        assertThat(names("?existed_at=2001-01-01T00:00:00Z")).isEmpty();
        var second = api.get(api.tunnels + "?per_page=3&page=2").body();
        assertThat(second.path("result")).hasSize(1);
        JsonNode info = second.path("result_info");
        assertThat(info.path("count").asInt()).isEqualTo(1);
        assertThat(info.path("total_count").asInt()).isEqualTo(4);
        assertThat(info.path("total_pages").asInt()).isEqualTo(2);
        assertThat(api.get(api.tunnels + "?per_page=5000")
                        .body()
                        .at("/result_info/per_page")
                        .asInt())
                .isEqualTo(1000);
    }

    @Test
    void a_tunnel_is_healthy_with_four_connections_and_down_without() {
        var made = api.createTunnel("one").body().path("result");
        String id = made.path("id").asText();
        try (var connector = console.connect(made.path("token").asText())) {
            assertThat(api.status(id)).isEqualTo("healthy");
            JsonNode listed =
                    api.get(api.tunnels + "/" + id + "/connections").body().path("result");
            assertThat(listed).hasSize(1);
            assertThat(listed.at("/0/id").asText()).isEqualTo(connector.id());
            assertThat(listed.at("/0/conns")).hasSize(4);
            connector.shrinkTo(3);
            assertThat(api.status(id)).isEqualTo("degraded");
        }
        assertThat(api.status(id)).isEqualTo("down");
    }

    @Test
    void a_tunnel_with_connections_is_not_deleted_until_they_are_dropped_and_have_stayed_away() {
        var made = api.createTunnel("one").body().path("result");
        String id = made.path("id").asText();
        String path = api.tunnels + "/" + id;
        var connector = console.connect(made.path("token").asText());
        console.reconnectAfter(Duration.ofMillis(50));
        assertThat(api.delete(path).code()).isEqualTo("1022");
        var dropped = api.delete(path + "/connections");
        assertThat(dropped.status()).isEqualTo(200);
        assertThat(dropped.body().path("result").isNull()).isTrue();
        await().until(() -> api.status(id).equals("healthy"));
        console.connectionLinger(Duration.ofMillis(300));
        connector.close();
        assertThat(api.delete(path).code()).isEqualTo("1022");
        assertThat(api.get(path + "/connections")
                        .body()
                        .at("/result/0/conns/0/is_pending_reconnect")
                        .asBoolean())
                .isTrue();
        await().until(() -> api.delete(path).status() == 200);
    }

    @Test
    void only_the_connections_of_one_connector_are_dropped_when_it_is_named() {
        var made = api.createTunnel("one").body().path("result");
        String path = api.tunnels + "/" + made.path("id").asText();
        console.reconnectAfter(Duration.ofHours(1));
        var first = console.connect(made.path("token").asText());
        var second = console.connect(made.path("token").asText());
        api.delete(path + "/connections?client_id=" + first.id());
        assertThat(api.get(path + "/connections").body().path("result").findValuesAsText("version"))
                .hasSize(1);
        assertThat(api.get(path + "/connectors/" + second.id()).status()).isEqualTo(200);
        assertThat(api.get(path + "/connectors/" + first.id()).status()).isEqualTo(404);
    }

    @Test
    void cascade_deletes_a_tunnel_with_all_its_connections() {
        var made = api.createTunnel("one").body().path("result");
        console.connect(made.path("token").asText());
        assertThat(api.delete(api.tunnels + "/" + made.path("id").asText() + "?cascade=true")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_rotated_secret_keeps_open_connections_and_rejects_new_ones_with_the_old_one() {
        var made = api.createTunnel("one").body().path("result");
        String id = made.path("id").asText();
        String old = made.path("token").asText();
        console.connect(old);
        console.reconnectAfter(Duration.ofMillis(10));
        String secret = Base64.getEncoder().encodeToString("0123456789012345678901234567890123456789".getBytes());
        var patched = api.patch(api.tunnels + "/" + id, "{\"tunnel_secret\":\"%s\"}".formatted(secret));
        assertThat(patched.status()).isEqualTo(200);
        assertThat(api.status(id)).isEqualTo("healthy");
        assertThatThrownBy(() -> console.connect(old)).hasMessageContaining("Unauthorized");
        api.delete(api.tunnels + "/" + id + "/connections");
        assertThat(api.status(id)).isEqualTo("down");
        console.connect(console.tunnelToken(id));
        assertThat(api.status(id)).isEqualTo("healthy");
        assertThat(api.patch(api.tunnels + "/" + id, "{\"tunnel_secret\":\"c2hvcnQ=\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_configuration_is_replaced_as_a_whole_and_counted() {
        String path = api.tunnels + "/" + api.tunnelId("one") + "/configurations";
        assertThat(api.get(path).body().at("/result/config").isNull()).isTrue();
        String config = """
            {"ingress":[{"hostname":"a.example.com","service":"http://localhost:8080"},{"service":"http_status:404"}]}\
            """;
        var first = api.put(path, "{\"config\":%s}".formatted(config)).body();
        var second = api.put(path, "{\"config\":{\"ingress\":[{\"service\":\"http_status:404\"}]}}")
                .body();
        assertThat(second.at("/result/version").asInt())
                .isEqualTo(first.at("/result/version").asInt() + 1);
        assertThat(api.get(path).body().at("/result/config/ingress")).hasSize(1);
    }

    @Test
    void a_configuration_whose_last_rule_does_not_match_everything_is_refused() {
        String path = api.tunnels + "/" + api.tunnelId("one") + "/configurations";
        var refused = api.put(path, """
            {"config":{"ingress":[{"hostname":"a.example.com","service":"http://localhost:8080"}]}}\
            """);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("1056");
        assertThat(refused.text()).contains("The last ingress rule must match all URLs");
        assertThat(api.put(path, "{\"config\":{\"ingress\":[{\"service\":\"nonsense\"}]}}")
                        .status())
                .isEqualTo(400);
        assertThat(api.put(path, "{\"config\":{}}").status()).isEqualTo(400);
    }

    @Test
    void H31_what_official_clients_ask_first_is_answered() {
        String account = api.tunnels.split("/")[2];
        assertThat(api.get("/accounts").body().at("/result/0/id").asText()).isEqualTo(account);
        assertThat(api.get("/accounts?name=nobody").body().get("result")).isEmpty();
        assertThat(api.get("/user").body().at("/result/id").asText()).matches("[0-9a-f]{32}");
        assertThat(api.get("/memberships").body().at("/result/0/account/id").asText())
                .isEqualTo(account);
        for (String owner : new String[] {"/user", "/accounts/" + account}) {
            var token = api.get(owner + "/tokens").body().at("/result/0");
            assertThat(token.get("id"))
                    .isEqualTo(api.get(owner + "/tokens/verify").body().at("/result/id"));
            assertThat(token.at("/policies/0/permission_groups").findValuesAsText("name"))
                    .contains("Cloudflare Tunnel Write", "DNS Write");
            assertThat(api.get(owner + "/tokens/permission_groups").body().get("result"))
                    .hasSize(5);
        }
    }

    @Test
    void H31_a_host_name_is_routed_to_a_tunnel_as_cloudflared_does() {
        String tunnel = api.tunnelId("app");
        String path = api.records.replace("dns_records", "tunnels/" + tunnel + "/routes");
        String body = "{\"type\":\"dns\",\"user_hostname\":\"app.anchorhold.localhost\",\"overwrite_existing\":%s}";
        assertThat(api.put(path, body.formatted(false))
                        .body()
                        .at("/result/cname")
                        .asText())
                .isEqualTo("new");
        assertThat(api.put(path, body.formatted(false))
                        .body()
                        .at("/result/cname")
                        .asText())
                .isEqualTo("unchanged");
        var record = api.get(api.records).body().at("/result/0");
        assertThat(record.get("content").asText()).isEqualTo(tunnel + ".cfargotunnel.com");
        assertThat(record.get("proxied").asBoolean()).isTrue();
        String other = path.replace(tunnel, api.tunnelId("other"));
        assertThat(api.put(other, body.formatted(false)).status()).isEqualTo(400);
        assertThat(api.put(other, body.formatted(true))
                        .body()
                        .at("/result/cname")
                        .asText())
                .isEqualTo("updated");
        assertThat(api.put(path.replace(tunnel, "6ff42ae2-765d-4adf-8112-31c55c1551ef"), body.formatted(false))
                        .status())
                .isEqualTo(404);
    }
}
