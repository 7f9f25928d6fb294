package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of firewalls, their rules, and where they are applied. */
class FirewallsTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String SSH =
            "{\"direction\":\"in\",\"protocol\":\"tcp\",\"port\":\"22\",\"source_ips\":[\"0.0.0.0/0\",\"2001:DB8:0:0::/32\"]}";

    private final SimulatorClock.Manual clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
    private final HetznerSimulator simulator =
            HetznerSimulator.start(new HetznerOptions().clock(clock).noRateLimit());
    private final HetznerTestClient api = HetznerTestClient.of(simulator);

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    private long firewall(String name, String more) {
        var reply = api.post("/firewalls", "{\"name\":\"%s\",\"rules\":[%s]%s}".formatted(name, SSH, more));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return reply.body().at("/firewall/id").asLong();
    }

    @Test
    void networks_come_back_in_canonical_form_and_host_bits_are_refused() {
        long id = firewall("f", "");
        var rule = api.get("/firewalls/" + id).body().at("/firewall/rules/0");
        assertThat(rule.at("/source_ips/1").asText()).isEqualTo("2001:db8::/32");
        assertThat(rule.get("destination_ips")).isEmpty();
        for (String network : new String[] {"10.0.0.1/8", "10.0.0.0/33", "2001:db8::1/64", "localhost/8", "1.2.3.4"}) {
            var refused = api.post(
                    "/firewalls/%d/actions/set_rules".formatted(id),
                    "{\"rules\":[%s]}".formatted(SSH.replace("0.0.0.0/0", network)));
            assertThat(refused.code()).as(network).isEqualTo("invalid_input");
        }
    }

    @Test
    void rules_are_replaced_as_a_whole_and_an_empty_list_or_null_clears_them() {
        long id = firewall("f", "");
        clock.advance(LONG);
        var reply = api.post("/firewalls/%d/actions/set_rules".formatted(id), "{\"rules\":[]}");
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.body().at("/actions/0/command").asText()).isEqualTo("set_firewall_rules");
        assertThat(api.get("/firewalls/" + id).body().at("/firewall/rules")).isEmpty();
        clock.advance(LONG);
        api.post("/firewalls/%d/actions/set_rules".formatted(id), "{\"rules\":[%s]}".formatted(SSH));
        clock.advance(LONG);
        api.post("/firewalls/%d/actions/set_rules".formatted(id), "{\"rules\":null}");
        assertThat(api.get("/firewalls/" + id).body().at("/firewall/rules")).isEmpty();
    }

    @Test
    void two_changes_of_the_rules_at_once_are_a_conflict() {
        long id = firewall("f", "");
        var refused = api.post("/firewalls/%d/actions/set_rules".formatted(id), "{\"rules\":[]}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("conflict");
    }

    @Test
    void a_firewall_given_at_creation_is_pending_then_applied_and_in_use_until_the_server_is_gone() {
        long firewall = firewall("f", "");
        long server = api.createServer("web", ",\"firewalls\":[{\"firewall\":%d}]".formatted(firewall));
        assertThat(serverFirewallStatus(server)).isEqualTo("pending");
        clock.advance(LONG);
        assertThat(serverFirewallStatus(server)).isEqualTo("applied");
        assertThat(api.get("/firewalls/" + firewall)
                        .body()
                        .at("/firewall/applied_to/0/server/id")
                        .asLong())
                .isEqualTo(server);
        assertThat(api.delete("/firewalls/" + firewall).code()).isEqualTo("resource_in_use");

        simulator.console().firewallDetachLag(Duration.ofMinutes(30));
        api.delete("/servers/" + server);
        clock.advance(LONG);
        assertThat(api.delete("/firewalls/" + firewall).status()).isEqualTo(422);
        clock.advance(Duration.ofMinutes(30));
        assertThat(api.delete("/firewalls/" + firewall).status()).isEqualTo(204);
    }

    private String serverFirewallStatus(long server) {
        return api.get("/servers/" + server)
                .body()
                .at("/server/public_net/firewalls/0/status")
                .asText();
    }

    @Test
    void a_firewall_is_applied_to_a_server_once_and_removed_as_often_as_one_likes() {
        long firewall = firewall("f", "");
        long server = api.createServer("web", "");
        clock.advance(LONG);
        String resource = "[{\"type\":\"server\",\"server\":{\"id\":%d}}]".formatted(server);
        String apply = "/firewalls/%d/actions/apply_to_resources".formatted(firewall);
        String remove = "/firewalls/%d/actions/remove_from_resources".formatted(firewall);
        assertThat(api.post(apply, "{\"apply_to\":%s}".formatted(resource)).status())
                .isEqualTo(201);
        assertThat(api.post(apply, "{\"apply_to\":%s}".formatted(resource)).code())
                .isEqualTo("firewall_already_applied");
        clock.advance(LONG);
        assertThat(serverFirewallStatus(server)).isEqualTo("applied");
        for (int i = 0; i < 2; i++) {
            var removed = api.post(remove, "{\"remove_from\":%s}".formatted(resource));
            assertThat(removed.status()).isEqualTo(201);
            assertThat(removed.body().at("/actions/0/command").asText()).isEqualTo("remove_firewall");
            clock.advance(LONG);
        }
        assertThat(api.get("/servers/" + server).body().at("/server/public_net/firewalls"))
                .isEmpty();
        var missing = api.post(apply, "{\"apply_to\":[{\"type\":\"server\",\"server\":{\"id\":1}}]}");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.code()).isEqualTo("firewall_resource_not_found");
    }

    @Test
    void a_server_has_at_most_five_firewalls() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        String onServer = ",\"apply_to\":[{\"type\":\"server\",\"server\":{\"id\":%d}}]".formatted(server);
        for (int i = 0; i < 5; i++) firewall("f" + i, onServer);
        var refused = api.post("/firewalls", "{\"name\":\"f5\"%s}".formatted(onServer));
        assertThat(refused.code()).isEqualTo("resource_limit_exceeded");
        assertThat(api.get("/firewalls").body().get("firewalls")).hasSize(5);
    }

    @Test
    void a_label_selector_takes_in_servers_as_their_labels_change_and_counts_as_use_even_when_it_matches_nothing() {
        long firewall = firewall(
                "f", ",\"apply_to\":[{\"type\":\"label_selector\",\"label_selector\":{\"selector\":\"env=prod\"}}]");
        long server = api.createServer("web", ",\"labels\":{\"env\":\"prod\"}");
        clock.advance(LONG);
        assertThat(serverFirewallStatus(server)).isEqualTo("applied");
        var applied = api.get("/firewalls/" + firewall).body().at("/firewall/applied_to/0");
        assertThat(applied.at("/label_selector/selector").asText()).isEqualTo("env=prod");
        assertThat(applied.at("/applied_to_resources/0/server/id").asLong()).isEqualTo(server);
        String remove = "/firewalls/%d/actions/remove_from_resources".formatted(firewall);
        var managed =
                api.post(remove, "{\"remove_from\":[{\"type\":\"server\",\"server\":{\"id\":%d}}]}".formatted(server));
        assertThat(managed.code()).isEqualTo("firewall_managed_by_label_selector");

        api.put("/servers/" + server, "{\"labels\":{}}");
        clock.advance(LONG);
        assertThat(api.get("/servers/" + server).body().at("/server/public_net/firewalls"))
                .isEmpty();
        assertThat(api.delete("/firewalls/" + firewall).code()).isEqualTo("resource_in_use");
        api.post(
                remove,
                "{\"remove_from\":[{\"type\":\"label_selector\",\"label_selector\":{\"selector\":\"env=prod\"}}]}");
        assertThat(api.delete("/firewalls/" + firewall).status()).isEqualTo(204);
    }

    @Test
    void a_customer_has_so_many_firewalls_over_all_projects() {
        simulator.console().limit("firewalls", 1);
        firewall("f", "");
        var refused = api.post("/firewalls", "{\"name\":\"g\"}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.code()).isEqualTo("resource_limit_exceeded");
    }
}
