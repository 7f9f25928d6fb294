package dev.anchorhold.sim.hetzner;

import static dev.anchorhold.WaitLimit.WAIT_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of the console over HTTP, as people, scripts and tests in other languages use it. */
class HetznerConsoleTest {
    private final HetznerSimulator simulator =
            HetznerSimulator.start(new HetznerOptions().speed(1000).noRateLimit());
    private final HetznerTestClient api = HetznerTestClient.of(simulator);
    private final HetznerTestClient console = new HetznerTestClient(simulator.consoleUri(), "none");

    @AfterEach
    void stop() {
        console.close();
        api.close();
        simulator.close();
    }

    @Test
    void people_get_a_page() {
        var page = console.get("");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.text()).contains("<h2>Servers</h2>");
        assertThat(console.get("/console.js").text()).contains("async function send");
    }

    @Test
    void whatever_the_api_can_do_the_console_can_do_without_a_token() {
        var made = console.post("/act", """
                {"method":"POST","path":"/placement_groups","body":{"name":"g","type":"spread"}}""");
        assertThat(made.status()).isEqualTo(200);
        assertThat(api.get("/placement_groups?name=g").body().get("placement_groups"))
                .hasSize(1);
        assertThat(console.post("/act", "{\"method\":\"GET\",\"path\":\"/placement_groups?name=none\"}")
                        .body()
                        .get("placement_groups"))
                .isEmpty();
        var refused = console.post("/act", "{\"method\":\"DELETE\",\"path\":\"/servers/1\"}");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.code()).isEqualTo("not_found");
    }

    @Test
    void a_held_request_is_waited_for_and_released_over_http() {
        var hold = console.post(
                "/faults", "{\"method\":\"POST\",\"path\":\"/servers\",\"effect\":\"hold\",\"when\":\"before\"}");
        String path = "/faults/" + hold.body().get("id");
        assertThat(console.get(path + "?wait=0").body().get("held").asBoolean()).isFalse();
        var create = api.sendLater("POST", "/servers", HetznerTestClient.serverBody("a", ""));
        assertThat(console.get(path + "?wait=10").body().get("held").asBoolean())
                .isTrue();
        assertThat(create).isNotDone();
        console.post(path + "/release", null);
        assertThat(create).succeedsWithin(WAIT_LIMIT);
    }

    @Test
    void knobs_and_faults_are_json_and_what_is_misspelt_is_refused() {
        console.post(
                "/knobs", "{\"limits\":{\"servers\":0},\"durations\":{\"create_server\":1},\"label_index_lag\":0.5}");
        assertThat(api.post("/servers", HetznerTestClient.serverBody("a", "")).code())
                .isEqualTo("resource_limit_exceeded");
        assertThat(console.post("/knobs", "{\"no_such\":1}").status()).isEqualTo(400);
        assertThat(console.post("/faults", "{\"effect\":\"no_such\"}").status()).isEqualTo(400);
        console.post("/faults", "{\"path\":\"/locations\",\"times\":-1,\"effect\":\"html\",\"status\":503}");
        assertThat(api.get("/locations").status()).isEqualTo(503);
        assertThat(console.get("/faults").text()).contains("Html");
        console.delete("/faults");
        assertThat(api.get("/locations").status()).isEqualTo(200);
    }

    @Test
    void tokens_are_added_and_revoked() {
        String token = "n".repeat(64);
        console.post("/knobs", "{\"token\":{\"token\":\"%s\",\"access\":\"READ_WRITE\"}}".formatted(token));
        try (var fresh = new HetznerTestClient(simulator.endpoint(), token)) {
            assertThat(fresh.get("/servers").status()).isEqualTo(200);
            console.post("/knobs", "{\"token\":{\"token\":\"%s\",\"access\":\"REVOKED\"}}".formatted(token));
            assertThat(fresh.get("/servers").code()).isEqualTo("unauthorized");
        }
    }

    @Test
    void the_request_log_is_counted_and_reset() {
        api.get("/locations");
        assertThat(console.get("/requests/counts").body().get("GET /locations").asInt())
                .isEqualTo(1);
        assertThat(console.get("/requests?count=1").body().at("/0/status").asInt())
                .isEqualTo(200);
        console.delete("/requests");
        assertThat(console.get("/requests/counts").body()).isEmpty();
    }
}
