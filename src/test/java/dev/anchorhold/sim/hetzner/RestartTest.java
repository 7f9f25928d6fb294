package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulator as a process of its own, killed without warning. */
class RestartTest {
    @TempDir
    private Path folder;

    private Process process;

    @AfterEach
    void stop() {
        if (process != null) process.destroyForcibly();
    }

    private ApiClient start() throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulatorMain.class.getName(),
                        "0",
                        "10",
                        folder.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream()));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("http://")) return new ApiClient(URI.create(line), Project.token("rw", "default"));
        }
        throw new IllegalStateException("the simulator did not start");
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Test
    void what_was_answered_before_a_kill_is_there_after_it_and_actions_in_flight_go_on() throws Exception {
        long firewall;
        long server;
        String action;
        try (var api = start()) {
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
            kill();
        }
        Files.writeString(folder.resolve("hetzner.jsonl"), "{\"nextId\":5,\"put\":[{\"ki", StandardOpenOption.APPEND);
        try (var api = start()) {
            assertThat(api.get("/firewalls/" + firewall)
                            .body()
                            .at("/firewall/labels/a")
                            .asText())
                    .isEqualTo("b");
            assertThat(api.get("/firewalls").body().get("firewalls")).hasSize(1);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> api.status(server).equals("running"));
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
