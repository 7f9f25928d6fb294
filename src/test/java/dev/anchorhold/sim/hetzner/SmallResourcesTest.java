package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of SSH keys, addresses, placement groups, images, and what is only read. */
class SmallResourcesTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Z1gNDoTqKYkmJ4S9VvG7pDqFkM1j6tZ8cS3rJ9xQm someone@example";

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
    void an_ssh_key_is_unique_by_name_and_by_fingerprint() {
        var created = api.post("/ssh_keys", "{\"name\":\"k\",\"public_key\":\"%s\"}".formatted(KEY));
        assertThat(created.status()).isEqualTo(201);
        String fingerprint = created.body().at("/ssh_key/fingerprint").asText();
        assertThat(fingerprint).matches("([0-9a-f]{2}:){15}[0-9a-f]{2}");
        var same = api.post("/ssh_keys", "{\"name\":\"other\",\"public_key\":\"%s\"}".formatted(KEY));
        assertThat(same.status()).isEqualTo(409);
        assertThat(same.text()).contains("SSH key with the same fingerprint already exists");
        assertThat(same.body().at("/error/details/fields/0/name").asText()).isEqualTo("public_key");
        assertThat(api.get("/ssh_keys?fingerprint=" + fingerprint).body().get("ssh_keys"))
                .hasSize(1);
        assertThat(api.post("/ssh_keys", "{\"name\":\"x\",\"public_key\":\"ssh-ed25519 nonsense\"}")
                        .code())
                .isEqualTo("invalid_input");
        var server = api.post("/servers", HetznerTestClient.serverBody("web", ",\"ssh_keys\":[\"k\"]"))
                .body();
        assertThat(server.at("/root_password").isNull()).isTrue();
        var unkeyed =
                api.post("/servers", HetznerTestClient.serverBody("web2", "")).body();
        assertThat(unkeyed.at("/root_password").asText()).hasSize(20);
        assertThat(api.delete("/ssh_keys/" + created.body().at("/ssh_key/id")).status())
                .isEqualTo(204);
    }

    @Test
    void an_address_of_ones_own_survives_its_server_and_is_assigned_while_it_is_off() {
        var ip = api.post("/primary_ips", "{\"name\":\"ip\",\"type\":\"ipv4\",\"location\":\"hel1\"}")
                .body();
        long id = ip.at("/primary_ip/id").asLong();
        assertThat(ip.at("/action").isNull()).isTrue();
        assertThat(ip.at("/primary_ip/assignee_type").asText()).isEqualTo("unassigned");
        long server = api.createServer("web", ",\"public_net\":{\"ipv4\":%d,\"enable_ipv6\":false}".formatted(id));
        clock.advance(LONG);
        var net = api.get("/servers/" + server).body().at("/server/public_net");
        assertThat(net.at("/ipv4/ip")).isEqualTo(ip.at("/primary_ip/ip"));
        assertThat(net.at("/ipv6").isNull()).isTrue();
        assertThat(api.delete("/primary_ips/" + id).code()).isEqualTo("must_be_unassigned");
        String unassign = "/primary_ips/%d/actions/unassign".formatted(id);
        assertThat(api.post(unassign, null).code()).isEqualTo("server_not_stopped");
        simulator.console().powerOff(server);
        clock.advance(LONG);
        api.post(unassign, null);
        clock.advance(LONG);
        assertThat(api.get("/servers/" + server)
                        .body()
                        .at("/server/public_net/ipv4")
                        .isNull())
                .isTrue();
        String assign = "{\"assignee_id\":%d,\"assignee_type\":\"server\"}".formatted(server);
        api.post("/primary_ips/%d/actions/assign".formatted(id), assign);
        clock.advance(LONG);
        api.delete("/servers/" + server);
        clock.advance(LONG);
        var left = api.get("/primary_ips/" + id).body().at("/primary_ip");
        assertThat(left.at("/assignee_id").isNull()).isTrue();
        assertThat(api.delete("/primary_ips/" + id).status()).isEqualTo(204);
    }

    @Test
    void the_network_of_a_server_is_a_whole_64() {
        long server = api.createServer("web", "");
        assertThat(api.get("/servers/" + server)
                        .body()
                        .at("/server/public_net/ipv6/ip")
                        .asText())
                .matches("2001:db8:[0-9a-f:]+::/64");
    }

    @Test
    void an_image_name_means_the_image_of_the_types_architecture() {
        assertThat(api.get("/images?name=debian-12").body().get("images")).hasSize(2);
        var arm = api.get("/images?name=debian-12&architecture=arm").body().at("/images/0");
        var server = api.post(
                        "/servers",
                        "{\"name\":\"a\",\"server_type\":\"cax11\",\"image\":\"debian-12\",\"location\":\"hel1\"}")
                .body();
        assertThat(server.at("/server/image/id")).isEqualTo(arm.get("id"));
        var mixed = api.post(
                "/servers",
                HetznerTestClient.serverBody("b", "")
                        .replace("\"debian-12\"", arm.get("id").asText()));
        assertThat(mixed.code()).isEqualTo("invalid_input");
    }

    @Test
    void a_snapshot_is_made_used_and_deleted() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        var made = api.post(
                        "/servers/%d/actions/create_image".formatted(server),
                        "{\"type\":\"snapshot\",\"description\":\"d\",\"labels\":{\"a\":\"b\"}}")
                .body();
        String image = made.at("/image/id").asText();
        assertThat(made.at("/image/status").asText()).isEqualTo("creating");
        assertThat(made.at("/image/name").isNull()).isTrue();
        clock.advance(LONG);
        assertThat(api.get("/images/" + image).body().at("/image/status").asText())
                .isEqualTo("available");
        assertThat(api.get("/images?label_selector=a%3Db&type=snapshot").body().get("images"))
                .hasSize(1);
        var from = api.post("/servers", HetznerTestClient.serverBody("copy", "").replace("\"debian-12\"", image));
        assertThat(from.status()).as(from.text()).isEqualTo(201);
        assertThat(api.delete("/images/" + image).status()).isEqualTo(204);
    }

    @Test
    void a_placement_group_takes_ten_servers_and_later_ones_only_when_off() {
        var group = api.post("/placement_groups", "{\"name\":\"g\",\"type\":\"spread\"}")
                .body();
        assertThat(group.at("/action").isNull()).isTrue();
        String id = group.at("/placement_group/id").asText();
        for (int i = 0; i < 10; i++) api.createServer("s" + i, ",\"placement_group\":" + id);
        assertThat(api.post("/servers", HetznerTestClient.serverBody("s10", ",\"placement_group\":" + id))
                        .code())
                .isEqualTo("placement_error");
        assertThat(api.get("/placement_groups/" + id).body().at("/placement_group/servers"))
                .hasSize(10);
        long later = api.createServer("later", "");
        clock.advance(LONG);
        assertThat(api.post(
                                "/servers/%d/actions/add_to_placement_group".formatted(later),
                                "{\"placement_group\":%s}".formatted(id))
                        .code())
                .isEqualTo("server_not_stopped");
        assertThat(api.delete("/placement_groups/" + id).status()).isEqualTo(204);
    }

    @Test
    void a_server_changes_its_type_while_off_within_architecture_and_disk() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        String path = "/servers/%d/actions/change_type".formatted(server);
        assertThat(api.post(path, "{\"server_type\":\"cpx32\",\"upgrade_disk\":true}")
                        .code())
                .isEqualTo("server_not_stopped");
        simulator.console().powerOff(server);
        clock.advance(LONG);
        assertThat(api.post(path, "{\"server_type\":\"cax21\",\"upgrade_disk\":true}")
                        .code())
                .isEqualTo("invalid_server_type");
        api.post(path, "{\"server_type\":\"cpx32\",\"upgrade_disk\":true}");
        assertThat(api.status(server)).isEqualTo("migrating");
        clock.advance(LONG);
        var changed = api.get("/servers/" + server).body();
        assertThat(changed.at("/server/server_type/name").asText()).isEqualTo("cpx32");
        assertThat(changed.at("/server/primary_disk_size").asInt()).isEqualTo(160);
        assertThat(changed.at("/server/status").asText())
                .as("H29: the API starts it again")
                .isEqualTo("running");
    }

    @Test
    void the_catalogue_lists_what_is_available_where() {
        var cpx22 = api.get("/server_types?name=cpx22").body().at("/server_types/0");
        assertThat(cpx22.get("locations").findValuesAsText("name")).containsExactly("fsn1", "nbg1", "hel1");
        assertThat(cpx22.at("/locations/0/available").asBoolean()).isTrue();
        assertThat(cpx22.get("disk").isInt()).isTrue();
        simulator.console().setAvailable("cpx22", "hel1", false);
        assertThat(api.get("/server_types?name=cpx22")
                        .body()
                        .at("/server_types/0/locations/2/available")
                        .asBoolean())
                .isFalse();
        var gone = api.get("/server_types?name=cx22").body().at("/server_types/0");
        assertThat(gone.at("/deprecation/unavailable_after").asText()).startsWith("2025-12-31");
        assertThat(api.get("/pricing")
                        .body()
                        .at("/pricing/volume/price_per_gb_month/net")
                        .isTextual())
                .isTrue();
    }

    @Test
    void what_the_console_does_is_in_the_feed_and_costs_no_request() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        long before = simulator.requests().total();
        simulator.console().powerOff(server);
        assertThat(simulator.requests().total()).isEqualTo(before);
        assertThat(api.get("/servers/actions?sort=id:desc")
                        .body()
                        .at("/actions/0/command")
                        .asText())
                .isEqualTo("stop_server");
    }

    @Test
    void H29_an_image_does_not_fit_a_smaller_disk_than_it_was_made_of() {
        var big = api.post("/servers", HetznerTestClient.serverBody("big", "").replace("cpx22", "cpx32"));
        clock.advance(LONG);
        String image = api.post(
                        "/servers/%d/actions/create_image"
                                .formatted(big.body().at("/server/id").asLong()),
                        "{\"type\":\"snapshot\"}")
                .body()
                .at("/image/id")
                .asText();
        clock.advance(LONG);
        String small = HetznerTestClient.serverBody("small", "");
        assertThat(api.post("/servers", small.replace("\"debian-12\"", image)).code())
                .isEqualTo("invalid_input");
        long server = api.createServer("small", "");
        clock.advance(LONG);
        assertThat(api.post("/servers/%d/actions/rebuild".formatted(server), "{\"image\":%s}".formatted(image))
                        .code())
                .isEqualTo("invalid_input");
        assertThat(api.post(
                                "/servers",
                                small.replace("small", "as-big")
                                        .replace("cpx22", "cpx32")
                                        .replace("\"debian-12\"", image))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void H29_a_backup_takes_enabled_backups_and_goes_with_them() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        String actions = "/servers/%d/actions/".formatted(server);
        assertThat(api.post(actions + "create_image", "{\"type\":\"backup\"}").code())
                .isEqualTo("invalid_input");
        api.post(actions + "enable_backup", null);
        clock.advance(LONG);
        assertThat(api.post(actions + "create_image", "{\"type\":\"backup\"}").status())
                .isEqualTo(201);
        clock.advance(LONG);
        assertThat(api.get("/images?type=backup").body().get("images")).hasSize(1);
        api.post(actions + "disable_backup", null);
        assertThat(api.get("/images?type=backup").body().get("images")).isEmpty();
    }

    @Test
    void H29_rescue_ends_with_its_boot_or_unused_after_an_hour() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        String actions = "/servers/%d/actions/".formatted(server);
        api.post(actions + "enable_rescue", "{\"type\":\"linux64\"}");
        clock.advance(LONG);
        assertThat(rescue(server)).isTrue();
        api.post(actions + "reboot", null);
        clock.advance(LONG);
        assertThat(rescue(server)).isFalse();
        api.post(actions + "enable_rescue", "{\"type\":\"linux64\"}");
        clock.advance(Duration.ofMinutes(59));
        assertThat(rescue(server)).isTrue();
        clock.advance(Duration.ofMinutes(2));
        assertThat(rescue(server)).isFalse();
    }

    private boolean rescue(long server) {
        return api.get("/servers/" + server).body().at("/server/rescue_enabled").asBoolean();
    }

    @Test
    void H29_metrics_have_the_series_that_were_asked_for_and_need_their_parameters() {
        String path = "/servers/%d/metrics".formatted(api.createServer("web", ""));
        String times = "&start=2026-11-24T10:00:00Z&end=2026-11-24T10:10:00%2B00:00";
        var metrics =
                api.get(path + "?type=cpu&type=network&step=60" + times).body().get("metrics");
        assertThat(metrics.get("time_series").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "cpu",
                        "network.0.pps.in",
                        "network.0.pps.out",
                        "network.0.bandwidth.in",
                        "network.0.bandwidth.out");
        assertThat(metrics.at("/time_series/cpu/values")).hasSize(11);
        assertThat(metrics.at("/time_series/cpu/values/0/1").isTextual()).isTrue();
        assertThat(api.get(path + "?type=cpu&start=2026-11-01T00:00:00Z&end=2026-12-01T00:00:00Z")
                        .body()
                        .at("/metrics/time_series/cpu/values"))
                .hasSizeLessThanOrEqualTo(501);
        for (String wrong : new String[] {
            "?type=cpu", "?type=memory" + times, times.replaceFirst("&", "?"), "?type=cpu&step=x" + times
        }) {
            assertThat(api.get(path + wrong).code()).as(wrong).isEqualTo("invalid_input");
        }
    }
}
