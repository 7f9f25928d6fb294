package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of volumes and of their attachments. */
class VolumesTest {
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

    private long volume(String name, String more) {
        var reply = api.post("/volumes", "{\"name\":\"%s\",\"size\":10%s}".formatted(name, more));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        clock.advance(LONG);
        return reply.body().at("/volume/id").asLong();
    }

    private String server(long volume) {
        return api.get("/volumes/" + volume).body().at("/volume/server").asText();
    }

    @Test
    void a_volume_is_attached_detached_grown_and_deleted() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        long volume = volume("data", ",\"location\":\"hel1\",\"format\":\"ext4\"");
        String path = "/volumes/" + volume;
        assertThat(api.get(path).body().at("/volume/status").asText()).isEqualTo("available");
        assertThat(api.get(path).body().at("/volume/linux_device").asText())
                .isEqualTo("/dev/disk/by-id/scsi-0HC_Volume_" + volume);

        var attach = api.post(path + "/actions/attach", "{\"server\":%d}".formatted(server));
        assertThat(attach.body().at("/action/command").asText()).isEqualTo("attach_volume");
        clock.advance(LONG);
        assertThat(server(volume)).isEqualTo("" + server);
        assertThat(api.get("/servers/" + server).body().at("/server/volumes/0").asLong())
                .isEqualTo(volume);
        assertThat(api.post(path + "/actions/attach", "{\"server\":%d}".formatted(server))
                        .code())
                .isEqualTo("volume_already_attached");
        var attached = api.delete(path);
        assertThat(attached.code()).isEqualTo("service_error");
        assertThat(attached.text()).contains("is still attached to a server");

        assertThat(api.post(path + "/actions/resize", "{\"size\":10}").code()).isEqualTo("invalid_input");
        api.post(path + "/actions/resize", "{\"size\":20}");
        clock.advance(LONG);
        assertThat(api.get(path).body().at("/volume/size").asInt()).isEqualTo(20);
        api.post(path + "/actions/detach", null);
        clock.advance(LONG);
        assertThat(server(volume)).isEqualTo("null");
        assertThat(api.delete(path).status()).isEqualTo(204);
    }

    @Test
    void two_attachments_to_one_server_at_once_are_refused_as_locked() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        long one = volume("one", ",\"location\":\"hel1\"");
        long two = volume("two", ",\"location\":\"hel1\"");
        String body = "{\"server\":%d}".formatted(server);
        assertThat(api.post("/volumes/%d/actions/attach".formatted(one), body).status())
                .isEqualTo(201);
        var refused = api.post("/volumes/%d/actions/attach".formatted(two), body);
        assertThat(refused.status()).isEqualTo(423);
        assertThat(refused.code()).isEqualTo("locked");
    }

    @Test
    void a_server_can_be_created_with_a_volume_of_its_location_and_no_other() {
        long near = volume("near", ",\"location\":\"hel1\"");
        long far = volume("far", ",\"location\":\"hil\"");
        assertThat(api.post("/servers", HetznerTestClient.serverBody("a", ",\"volumes\":[%d]".formatted(far)))
                        .code())
                .isEqualTo("invalid_input");
        var created = api.post("/servers", HetznerTestClient.serverBody("a", ",\"volumes\":[%d]".formatted(near)))
                .body();
        assertThat(created.at("/next_actions").findValuesAsText("command"))
                .containsExactly("attach_volume", "start_server");
        clock.advance(LONG);
        assertThat(server(near)).isEqualTo(created.at("/server/id").asText());
        assertThat(api.status(created.at("/server/id").asLong())).isEqualTo("running");
    }

    @Test
    void a_volume_made_for_a_server_is_attached_by_a_next_action() {
        long server = api.createServer("web", "");
        clock.advance(LONG);
        long volume = volume("data", ",\"server\":%d".formatted(server));
        assertThat(server(volume)).isEqualTo("" + server);
    }

    @Test
    void sizes_names_and_formats_are_checked() {
        for (String wrong : new String[] {
            "{\"name\":\"a\",\"size\":9,\"location\":\"hel1\"}",
            "{\"name\":\"a\",\"size\":10241,\"location\":\"hel1\"}",
            "{\"name\":\"a b\",\"size\":10,\"location\":\"hel1\"}",
            "{\"name\":\"a\",\"size\":10,\"location\":\"moon\"}",
            "{\"name\":\"a\",\"size\":10,\"location\":\"hel1\",\"format\":\"zfs\"}",
            "{\"name\":\"a\",\"size\":10,\"location\":\"hel1\",\"automount\":true}",
            "{\"name\":\"a\",\"size\":10}",
            "{\"name\":\"a\",\"size\":10.5,\"location\":\"hel1\"}",
        }) {
            assertThat(api.post("/volumes", wrong).code()).as(wrong).isEqualTo("invalid_input");
        }
    }
}
