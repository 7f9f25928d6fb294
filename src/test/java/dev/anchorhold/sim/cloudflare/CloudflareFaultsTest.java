package dev.anchorhold.sim.cloudflare;

import static dev.anchorhold.WaitLimit.WAIT_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.JsonHttpClient;
import dev.anchorhold.sim.cloud.SimulatorClock;
import dev.anchorhold.sim.cloud.TokenAccess;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of tokens, rate limits, injected faults, the request log and the console. */
class CloudflareFaultsTest {
    private static final String CREATE = "/accounts/{account_id}/cfd_tunnel";

    private final SimulatorClock.Manual clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
    private final CloudflareSimulator simulator =
            CloudflareSimulator.start(new CloudflareOptions().clock(clock).zone("example.com", "other"));
    private final CloudflareTestClient api = CloudflareTestClient.of(simulator);

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    @Test
    void a_lost_answer_loses_the_answer_but_not_the_tunnel() {
        simulator.faults().next("POST", CREATE, new Faults.LoseAnswer(true));
        assertThatThrownBy(() -> api.createTunnel("one")).isInstanceOf(UncheckedIOException.class);
        assertThat(api.get(api.tunnels + "?name=one").body().path("result")).hasSize(1);
    }

    @Test
    void what_is_held_before_its_commit_and_dropped_was_never_done() {
        var hold = simulator.faults().hold("POST", CREATE, Faults.When.BEFORE_COMMIT);
        var create = api.sendLater("POST", api.tunnels, "{\"name\":\"one\"}");
        assertThat(hold.awaitHeld()).isTrue();
        hold.drop();
        assertThat(create).failsWithin(WAIT_LIMIT);
        assertThat(api.get(api.tunnels).body().path("result")).isEmpty();
    }

    @Test
    void an_injected_refusal_speaks_as_cloudflare_does() {
        simulator.faults().next("*", "*", new Faults.Fail(400, "1023", "it has routes"));
        var refused = api.delete(api.tunnels + "/00000000-0000-0000-0000-000000000000");
        assertThat(refused.body().at("/errors/0/code").isInt()).isTrue();
        assertThat(refused.code()).isEqualTo("1023");
        simulator.faults().next("*", "*", new Faults.Html(502));
        assertThat(api.get(api.tunnels).header("Content-Type")).isEqualTo("text/html");
    }

    @Test
    void one_request_too_many_blocks_everything_for_five_minutes() {
        simulator.console().rateLimitLeft("default", 2);
        assertThat(api.get(api.tunnels).header("Ratelimit")).startsWith("\"default\";r=1;t=");
        assertThat(api.get(api.tunnels).header("Ratelimit-Policy")).isEqualTo("\"default\";q=1200;w=300");
        clock.advance(Duration.ofMinutes(4));
        var refused = api.get(api.tunnels);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("971");
        assertThat(refused.header("Retry-After")).isEqualTo("300");
        clock.advance(Duration.ofMinutes(2));
        assertThat(api.get("/zones").status())
                .as("a new window has begun, but the block stands")
                .isEqualTo(429);
        try (var other = new JsonHttpClient(simulator.endpoint(), simulator.token("other"))) {
            assertThat(other.get("/zones").status()).isEqualTo(200);
        }
        clock.advance(Duration.ofMinutes(3));
        assertThat(api.get("/zones").status()).isEqualTo(200);
    }

    @Test
    void tokens_see_their_own_account_and_may_be_read_only_revoked_or_unknown() {
        String id = api.tunnelId("one");
        try (var other = new JsonHttpClient(simulator.endpoint(), simulator.token("other"));
                var reader = new JsonHttpClient(simulator.endpoint(), simulator.readOnlyToken("default"));
                var revoked = new JsonHttpClient(simulator.endpoint(), simulator.revokedToken("default"));
                var garbled = new JsonHttpClient(simulator.endpoint(), "short")) {
            assertThat(other.get(api.tunnels).status()).isEqualTo(403);
            assertThat(other.get(api.tunnels).code()).isEqualTo("10000");
            assertThat(other.get(api.records).code()).isEqualTo("9109");
            assertThat(other.get("/zones").body().at("/result/0/name").asText()).isEqualTo("example.com");
            assertThat(reader.get(api.tunnels).status()).isEqualTo(200);
            assertThat(reader.post(api.tunnels, "{\"name\":\"two\"}").code()).isEqualTo("10000");
            assertThat(reader.get(api.tunnels + "/" + id + "/token").status())
                    .as("the token is a secret")
                    .isEqualTo(403);
            assertThat(revoked.get(api.tunnels).status()).isEqualTo(401);
            assertThat(revoked.get("/zones").code()).isEqualTo("9109");
            assertThat(revoked.get("/user/tokens/verify").code()).isEqualTo("1000");
            assertThat(garbled.get(api.tunnels).code()).isEqualTo("6003");
        }
        assertThat(api.get("/user/tokens/verify").body().at("/result/status").asText())
                .isEqualTo("active");
        assertThat(api.get("/accounts/" + simulator.accountId() + "/tokens/verify")
                        .status())
                .isEqualTo(200);
        assertThat(api.get("/accounts/no-id/cfd_tunnel").code()).isEqualTo("7003");
        simulator.console().token("default", simulator.token(), TokenAccess.REVOKED);
        assertThat(api.get(api.tunnels).code()).isEqualTo("10000");
    }

    @Test
    void a_zone_is_found_by_its_name() {
        var found = api.get("/zones?name=" + CloudflareTestClient.ZONE).body();
        assertThat(found.at("/result/0/id").asText()).isEqualTo(simulator.zoneId(CloudflareTestClient.ZONE));
        assertThat(found.at("/result/0/account/id").asText()).isEqualTo(simulator.accountId());
        assertThat(api.get("/zones?name=example.com").body().path("result")).isEmpty();
    }

    @Test
    void the_log_counts_requests_by_template_and_holds_no_token() {
        String id = api.tunnelId("one");
        api.get(api.tunnels + "/" + id);
        assertThat(simulator.requests().count("GET", CREATE + "/{tunnel_id}")).isEqualTo(1);
        assertThat(simulator.requests().writes()).isEqualTo(1);
        assertThat(simulator.requests().entries().toString()).doesNotContain(simulator.token());
    }

    @Test
    void people_get_a_page_and_scripts_turn_knobs() {
        try (var console = new JsonHttpClient(simulator.consoleUri(), "none")) {
            assertThat(console.get("").text()).contains("<h2>Tunnels</h2>", "anchorhold.localhost", "example.com");
            console.post("/knobs", "{\"list_lag\":60,\"limits\":{\"comment\":500,\"tags\":20,\"records\":10}}");
            String id = console.post(
                            "/act",
                            "{\"method\":\"POST\",\"path\":\"/accounts/{account}/cfd_tunnel\",\"body\":{\"name\":\"one\"}}")
                    .body()
                    .at("/result/id")
                    .asText();
            assertThat(api.get(api.tunnels).body().path("result"))
                    .as("lists lag")
                    .isEmpty();
            assertThat(api.status(id)).isEqualTo("inactive");
            clock.advance(Duration.ofMinutes(1));
            assertThat(api.get(api.tunnels).body().path("result")).hasSize(1);
            console.post(
                    "/knobs",
                    "{\"connect\":\"%s\"}".formatted(simulator.console().tunnelToken(id)));
            assertThat(api.status(id)).isEqualTo("healthy");
            console.post("/knobs", "{\"disconnect\":true,\"block\":{\"seconds\":10}}");
            assertThat(api.get("/zones").status()).isEqualTo(429);
            assertThat(console.post("/knobs", "{\"no_such\":1}").status()).isEqualTo(400);
            assertThat(console.post("/act", "{\"method\":\"DELETE\",\"path\":\"/accounts/{account}/cfd_tunnel/0\"}")
                            .status())
                    .isEqualTo(404);
        }
    }
}
