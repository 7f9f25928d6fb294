package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.cloud.SimulatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that state survives: the simulator as a process of its own, killed without warning. */
class HetznerRestartTest {
    @TempDir
    private Path folder;

    private SimulatorProcess start() throws IOException {
        return new SimulatorProcess(HetznerMain.class, "0", "10", folder.toString());
    }

    private static HetznerTestClient client(SimulatorProcess simulator) {
        return new HetznerTestClient(simulator.endpoint(), SimulatedProject.token("rw", "default"));
    }

    @Test
    void what_was_answered_before_a_kill_is_there_after_it_and_actions_in_flight_go_on() throws Exception {
        long firewall;
        long server;
        String action;
        try (var simulator = start();
                var api = client(simulator)) {
            firewall = api.post("/firewalls", "{\"name\":\"f\",\"labels\":{\"a\":\"b\"}}")
                    .body()
                    .at("/firewall/id")
                    .asLong();
            var gone = api.post("/firewalls", "{\"name\":\"gone\"}").body();
            api.delete("/firewalls/" + gone.at("/firewall/id"));
            server = api.createServer("web", ",\"firewalls\":[{\"firewall\":%d}]".formatted(firewall));
            action = api.get("/servers/%d/actions".formatted(server))
                    .body()
                    .at("/actions/0/id")
                    .asText();
        }
        Files.writeString(folder.resolve("hetzner.jsonl"), "{\"nextId\":5,\"put\":[{\"ki", StandardOpenOption.APPEND);
        try (var simulator = start();
                var api = client(simulator)) {
            assertThat(api.get("/firewalls/" + firewall)
                            .body()
                            .at("/firewall/labels/a")
                            .asText())
                    .isEqualTo("b");
            assertThat(api.get("/firewalls").body().get("firewalls")).hasSize(1);
            await().until(() -> api.status(server).equals("running"));
            var finished = api.get("/actions/" + action).body();
            assertThat(finished.at("/action/status").asText()).isEqualTo("success");
            long next = api.createServer("next", "");
            assertThat(next).isGreaterThan(server);
            assertThat(api.get("/servers/" + next)
                            .body()
                            .at("/server/public_net/ipv4/ip")
                            .asText())
                    .isNotEqualTo(api.get("/servers/" + server)
                            .body()
                            .at("/server/public_net/ipv4/ip")
                            .asText());
        }
    }
}
