package dev.anchorhold.sim.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.SimulatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that state survives: the simulator as a process of its own, killed without warning. */
class CloudflareRestartTest {
    @TempDir
    private Path folder;

    private SimulatorProcess start() throws IOException {
        return new SimulatorProcess(CloudflareMain.class, "0", folder.toString());
    }

    private static CloudflareTestClient client(SimulatorProcess simulator) {
        return new CloudflareTestClient(simulator.endpoint(), SimulatedAccount.token("rw", "default"));
    }

    @Test
    void what_was_answered_before_a_kill_is_there_after_it_but_no_connection_is() throws Exception {
        String tunnel;
        String token;
        try (var simulator = start();
                var api = client(simulator);
                var console = new CloudflareTestClient(simulator.endpoint().resolve("/_console"), "none")) {
            var made = api.createTunnel("one").body().path("result");
            tunnel = made.path("id").asText();
            token = made.path("token").asText();
            api.put(api.tunnels + "/" + tunnel + "/configurations", """
                    {"config":{"ingress":[{"service":"http_status:404"}]}}""");
            api.delete(api.tunnels + "/" + api.tunnelId("gone"));
            api.createRecord("kept", tunnel + ".cfargotunnel.com", ",\"proxied\":true,\"comment\":\"mine\"");
            api.delete(api.records + "/"
                    + api.createRecord("gone", "example.com", "")
                            .body()
                            .at("/result/id")
                            .asText());
            console.post("/knobs", "{\"connect\":\"%s\"}".formatted(token));
            assertThat(api.status(tunnel)).isEqualTo("healthy");
        }
        Files.writeString(folder.resolve("cloudflare.jsonl"), "{\"nextId\":5,\"put\":[{", StandardOpenOption.APPEND);
        try (var simulator = start();
                var api = client(simulator)) {
            assertThat(api.status(tunnel)).isEqualTo("down");
            assertThat(api.get(api.tunnels + "/" + tunnel + "/token")
                            .body()
                            .path("result")
                            .asText())
                    .isEqualTo(token);
            assertThat(api.get(api.tunnels + "/" + tunnel + "/configurations")
                            .body()
                            .at("/result/version")
                            .asInt())
                    .isEqualTo(1);
            assertThat(api.get(api.tunnels + "?is_deleted=true").body().path("result"))
                    .hasSize(1);
            assertThat(api.get(api.records).body().path("result").findValuesAsText("comment"))
                    .containsExactly("mine");
        }
    }
}
