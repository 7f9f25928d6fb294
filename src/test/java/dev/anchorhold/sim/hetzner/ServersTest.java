package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of servers: their life, actions, locks, limits, labels and errors. */
class ServersTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final SimulatorClock.Manual clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
    private final HetznerSimulator simulator =
            HetznerSimulator.start(new HetznerOptions().clock(clock).noRateLimit());
    private final HetznerTestClient api = HetznerTestClient.of(simulator);

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    @Test
    void a_new_server_is_initializing_then_starting_then_running() {
        var created =
                api.post("/servers", HetznerTestClient.serverBody("web", "")).body();
        assertThat(created.at("/server/status").asText()).isEqualTo("initializing");
        assertThat(created.at("/action/command").asText()).isEqualTo("create_server");
        assertThat(created.at("/next_actions/0/command").asText()).isEqualTo("start_server");
        assertThat(created.at("/next_actions/0/status").asText()).isEqualTo("running");
        assertThat(created.at("/next_actions/0/progress").asInt()).isZero();
        long id = created.at("/server/id").asLong();

        clock.advance(Duration.ofSeconds(5));
        assertThat(api.status(id)).isEqualTo("initializing");
        assertThat(api.get("/actions/" + created.at("/action/id"))
                        .body()
                        .at("/action/progress")
                        .asInt())
                .isBetween(20, 60);
        clock.advance(Duration.ofSeconds(30));
        assertThat(api.status(id)).isEqualTo("running");
        var actions =
                api.get("/actions?id=%s&id=%s".formatted(created.at("/action/id"), created.at("/next_actions/0/id")));
        assertThat(actions.body().has("meta")).isFalse();
        assertThat(actions.body().findValuesAsText("status")).containsExactly("success", "success");
        assertThat(actions.body().at("/actions/0/error").isNull()).isTrue();
    }

    @Test
    void a_server_that_shall_not_start_ends_off_and_has_no_next_action() {
        var created = api.post("/servers", HetznerTestClient.serverBody("web", ",\"start_after_create\":false"))
                .body();
        assertThat(created.get("next_actions")).isEmpty();
        clock.advance(LONG);
        assertThat(api.status(created.at("/server/id").asLong())).isEqualTo("off");
    }

    @Test
    void a_deleted_server_is_deleting_then_gone_and_its_actions_and_volumes_stay_but_not_its_addresses() {
        long id = api.createServer("web", "");
        clock.advance(LONG);
        var volume = api.post("/volumes", "{\"name\":\"v\",\"size\":10,\"server\":%d}".formatted(id))
                .body();
        clock.advance(LONG);
        assertThat(api.get("/primary_ips")
                        .body()
                        .at("/meta/pagination/total_entries")
                        .asInt())
                .isEqualTo(2);

        var deleted = api.delete("/servers/" + id);
        assertThat(deleted.status()).isEqualTo(200);
        assertThat(api.status(id)).isEqualTo("deleting");
        clock.advance(LONG);
        assertThat(api.get("/servers/" + id).code()).isEqualTo("not_found");
        assertThat(api.get("/actions/" + deleted.body().at("/action/id"))
                        .body()
                        .at("/action/status")
                        .asText())
                .isEqualTo("success");
        assertThat(api.get("/volumes/" + volume.at("/volume/id"))
                        .body()
                        .at("/volume/server")
                        .isNull())
                .isTrue();
        assertThat(api.get("/primary_ips").body().get("primary_ips")).isEmpty();
        assertThat(api.get("/servers/actions?sort=started:desc")
                        .body()
                        .at("/actions/0/command")
                        .asText())
                .isEqualTo("delete_server");
    }

    @Test
    void a_server_can_be_deleted_while_it_is_being_made() {
        var created =
                api.post("/servers", HetznerTestClient.serverBody("web", "")).body();
        assertThat(api.delete("/servers/" + created.at("/server/id")).status()).isEqualTo(200);
        clock.advance(LONG);
        var action = api.get("/actions/" + created.at("/action/id")).body();
        assertThat(action.at("/action/error/code").asText()).isEqualTo("server_does_not_exist_anymore");
    }

    @Test
    void a_server_that_an_action_holds_is_locked() {
        long id = api.createServer("web", "");
        clock.advance(LONG);
        api.post("/servers/%d/actions/poweroff".formatted(id), null);
        assertThat(api.status(id)).isEqualTo("stopping");
        assertThat(api.get("/servers/" + id).body().at("/server/locked").asBoolean())
                .isTrue();
        var refused = api.post("/servers/%d/actions/poweron".formatted(id), null);
        assertThat(refused.status()).isEqualTo(423);
        assertThat(refused.code()).isEqualTo("locked");
        clock.advance(LONG);
        assertThat(api.status(id)).isEqualTo("off");
    }

    @Test
    void a_shutdown_has_succeeded_before_the_server_is_off_and_a_guest_may_ignore_it() {
        long id = api.createServer("web", "");
        clock.advance(LONG);
        var action =
                api.post("/servers/%d/actions/shutdown".formatted(id), null).body();
        clock.advance(Duration.ofSeconds(2));
        assertThat(api.get("/actions/" + action.at("/action/id"))
                        .body()
                        .at("/action/status")
                        .asText())
                .isEqualTo("success");
        assertThat(api.status(id)).isEqualTo("running");
        clock.advance(Duration.ofSeconds(15));
        assertThat(api.status(id)).isEqualTo("off");

        api.post("/servers/%d/actions/poweron".formatted(id), null);
        clock.advance(LONG);
        simulator.console().guestsIgnoreShutdown(true);
        api.post("/servers/%d/actions/shutdown".formatted(id), null);
        clock.advance(LONG);
        assertThat(api.status(id)).isEqualTo("running");
    }

    @Test
    void wrong_input_is_refused_with_the_field_that_is_wrong() {
        assertRefused("{\"server_type\":\"cpx22\",\"image\":\"debian-12\"}", 422, "invalid_input", "name");
        assertRefused(HetznerTestClient.serverBody("under_score", ""), 422, "invalid_input", "name");
        assertRefused(HetznerTestClient.serverBody("a", ",\"labels\":{\"k\":\"a/b\"}"), 422, "invalid_input", "labels");
        assertRefused(
                HetznerTestClient.serverBody("a", ",\"labels\":{\"hetzner.cloud/x\":\"b\"}"),
                422,
                "invalid_input",
                "labels");
        assertRefused(
                HetznerTestClient.serverBody("a", ",\"user_data\":\"%s\"".formatted("x".repeat(32769))),
                422,
                "invalid_input",
                "user_data");
        assertRefused(HetznerTestClient.serverBody("a", ",\"firewalls\":[1]"), 422, "invalid_input", "firewalls");
        var elsewhere = api.post(
                "/servers", "{\"name\":\"a\",\"server_type\":\"cpx22\",\"image\":\"debian-12\",\"location\":\"hil\"}");
        assertThat(elsewhere.code()).isEqualTo("invalid_input");
        assertThat(elsewhere.text()).contains("unsupported location for server type");
        assertThat(api.get("/servers").body().get("servers")).isEmpty();
        assertThat(api.get("/primary_ips").body().get("primary_ips")).isEmpty();
    }

    private void assertRefused(String body, int status, String code, String field) {
        var refused = api.post("/servers", body);
        assertThat(refused.status()).isEqualTo(status);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.body().at("/error/details/fields/0/name").asText()).isEqualTo(field);
    }

    @Test
    void names_are_unique_in_a_project() {
        api.createServer("web", "");
        var refused = api.post("/servers", HetznerTestClient.serverBody("web", ""));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("uniqueness_error");
    }

    @Test
    void capacity_and_limits_are_refused_each_with_its_code() {
        simulator.console().setAvailable("cpx22", "hel1", false);
        var soldOut = api.post("/servers", HetznerTestClient.serverBody("a", ""));
        assertThat(soldOut.status()).isEqualTo(412);
        assertThat(soldOut.code()).isEqualTo("resource_unavailable");
        simulator.console().setAvailable("cpx22", "hel1", true);
        simulator.console().limit("servers", 1);
        api.createServer("a", "");
        var limited = api.post("/servers", HetznerTestClient.serverBody("b", ""));
        assertThat(limited.status()).isEqualTo(403);
        assertThat(limited.code()).isEqualTo("resource_limit_exceeded");
        assertThat(limited.body().at("/error/details/limits/0/name").asText()).isEqualTo("server_limit");
    }

    @Test
    void an_injected_failure_of_the_start_leaves_a_paid_server_that_is_off() {
        simulator.console().failActions("start_server", 1, "action_failed", "no luck");
        var created =
                api.post("/servers", HetznerTestClient.serverBody("web", "")).body();
        clock.advance(LONG);
        var start = api.get("/actions/" + created.at("/next_actions/0/id")).body();
        assertThat(start.at("/action/status").asText()).isEqualTo("error");
        assertThat(start.at("/action/error/code").asText()).isEqualTo("action_failed");
        assertThat(api.status(created.at("/server/id").asLong())).isEqualTo("off");
    }

    @Test
    void a_stuck_action_runs_until_it_is_released() {
        simulator.console().stickActions("create_server", 1);
        var created =
                api.post("/servers", HetznerTestClient.serverBody("web", "")).body();
        long id = created.at("/server/id").asLong();
        clock.advance(Duration.ofHours(5));
        assertThat(api.status(id)).isEqualTo("initializing");
        simulator.console().releaseAction(created.at("/action/id").asLong());
        clock.advance(LONG);
        assertThat(api.status(id)).isEqualTo("running");
    }

    @Test
    void protection_forbids_deletion() {
        long id = api.createServer("web", "");
        clock.advance(LONG);
        api.post("/servers/%d/actions/change_protection".formatted(id), "{\"delete\":true,\"rebuild\":true}");
        clock.advance(LONG);
        var refused = api.delete("/servers/" + id);
        assertThat(refused.status()).isEqualTo(423);
        assertThat(refused.code()).isEqualTo("protected");
    }

    @Test
    void labels_are_replaced_as_a_whole_and_selected_by() {
        long id = api.createServer("web", ",\"labels\":{\"env\":\"prod\",\"anchorhold.dev/uid\":\"u1\"}");
        api.createServer("db", ",\"labels\":{\"env\":\"test\"}");
        assertThat(names("/servers?label_selector=env%3Dprod")).containsExactly("web");
        assertThat(names("/servers?label_selector=anchorhold.dev%2Fuid%20in%20(u1,u2)"))
                .containsExactly("web");
        assertThat(names("/servers?label_selector=env%21%3Dprod")).containsExactly("db");
        api.put("/servers/" + id, "{\"labels\":{\"only\":\"\"}}");
        assertThat(names("/servers?label_selector=env")).containsExactly("db");
        assertThat(names("/servers?label_selector=only")).containsExactly("web");
    }

    @Test
    void a_lagging_label_index_shows_new_and_changed_servers_late() {
        long old = api.createServer("old", ",\"labels\":{\"a\":\"1\"}");
        simulator.console().labelIndexLag(Duration.ofSeconds(10));
        api.createServer("new", ",\"labels\":{\"a\":\"1\"}");
        api.put("/servers/" + old, "{\"labels\":{\"a\":\"2\"}}");
        assertThat(names("/servers?label_selector=a%3D1")).containsExactly("old");
        assertThat(names("/servers?name=new")).containsExactly("new");
        clock.advance(Duration.ofSeconds(10));
        assertThat(names("/servers?label_selector=a%3D1")).containsExactly("new");
    }

    private List<String> names(String path) {
        var names = new ArrayList<String>();
        api.get(path)
                .body()
                .get("servers")
                .forEach(server -> names.add(server.get("name").asText()));
        return names;
    }
}
