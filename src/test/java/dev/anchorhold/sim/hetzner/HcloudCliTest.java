package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.cloud.Prerequisites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs Hetzner's own command line, unchanged, against the simulator, doing its ordinary work (providers.md C). */
class HcloudCliTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Z1gNDoTqKYkmJ4S9VvG7pDqFkM1j6tZ8cS3rJ9xQm someone@example";

    @TempDir
    private Path folder;

    private HetznerSimulator simulator;

    @BeforeEach
    void start() {
        Assumptions.assumeTrue(
                Prerequisites.onPath("hcloud"),
                "hcloud is not installed: apt-get install hcloud-cli (or github.com/hetznercloud/cli)");
        simulator = HetznerSimulator.start(new HetznerOptions().speed(100).noRateLimit());
    }

    @AfterEach
    void stop() {
        if (simulator != null) simulator.close();
    }

    private record Outcome(int exit, String output) {}

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("hcloud", "--poll-interval", "20ms"));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        process.environment().put("HCLOUD_ENDPOINT", simulator.endpoint().toString());
        process.environment().put("HCLOUD_TOKEN", simulator.token());
        process.environment().put("HCLOUD_CONFIG", folder.resolve("cli.toml").toString());
        var running = process.start();
        running.getOutputStream().close();
        if (!running.waitFor(60, TimeUnit.SECONDS)) {
            running.destroyForcibly();
            throw new AssertionError("hcloud did not end: " + String.join(" ", arguments));
        }
        return new Outcome(running.exitValue(), Files.readString(output));
    }

    private String hcloud(String... arguments) throws IOException, InterruptedException {
        var outcome = run(arguments);
        assertThat(outcome.exit)
                .as("hcloud %s: %s", String.join(" ", arguments), outcome.output)
                .isZero();
        return outcome.output;
    }

    private JsonNode json(String... arguments) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(hcloud(arguments));
    }

    private String failure(String... arguments) throws IOException, InterruptedException {
        var outcome = run(arguments);
        assertThat(outcome.exit).as(outcome.output).isNotZero();
        return outcome.output;
    }

    @Test
    void what_can_be_bought_is_listed() throws Exception {
        assertThat(hcloud("location", "list")).contains("hel1", "Helsinki", "hil");
        assertThat(hcloud("server-type", "list")).contains("cpx22", "ccx13", "cax11");
        assertThat(hcloud("server-type", "describe", "cpx22")).contains("Cores:", "Hourly:");
        assertThat(hcloud("image", "list")).contains("debian-12", "ubuntu-24.04");
        assertThat(json("image", "list", "-o", "json")).isNotEmpty();
    }

    @Test
    void a_server_lives_from_create_to_delete_with_all_that_belongs_to_it() throws Exception {
        Path key = Files.writeString(folder.resolve("key.pub"), KEY);
        Path userData = Files.writeString(folder.resolve("user-data"), "#cloud-config\n{}\n");
        hcloud("ssh-key", "create", "--name", "k", "--public-key-from-file", key.toString());
        assertThat(failure("ssh-key", "create", "--name", "k2", "--public-key-from-file", key.toString()))
                .contains("uniqueness_error");
        hcloud("firewall", "create", "--name", "f");
        hcloud(
                "firewall",
                "add-rule",
                "f",
                "--direction",
                "in",
                "--protocol",
                "tcp",
                "--port",
                "22",
                "--source-ips",
                "0.0.0.0/0",
                "--source-ips",
                "::/0",
                "--description",
                "ssh");
        hcloud("volume", "create", "--name", "v", "--size", "10", "--location", "hel1");
        hcloud("placement-group", "create", "--name", "g", "--type", "spread");

        hcloud(
                "server",
                "create",
                "--name",
                "web",
                "--type",
                "cpx22",
                "--image",
                "debian-12",
                "--location",
                "hel1",
                "--ssh-key",
                "k",
                "--firewall",
                "f",
                "--volume",
                "v",
                "--placement-group",
                "g",
                "--label",
                "env=prod",
                "--user-data-from-file",
                userData.toString(),
                "--without-ipv6");
        assertThat(hcloud("server", "list", "-l", "env=prod")).contains("web", "running");
        var described = json("server", "describe", "web", "-o", "json");
        assertThat(described.at("/status").asText()).isEqualTo("running");
        assertThat(described.at("/labels/env").asText()).isEqualTo("prod");
        assertThat(described.at("/volumes")).hasSize(1);
        assertThat(hcloud("server", "describe", "web"))
                .containsPattern("Placement Group:\\s+ID")
                .contains("Volumes:", "cpx22");
        assertThat(hcloud("server", "ip", "web")).startsWith("203.0.113.");

        hcloud("server", "poweroff", "web");
        assertThat(json("server", "describe", "web", "-o", "json").at("/status").asText())
                .isEqualTo("off");
        hcloud("server", "change-type", "web", "cpx32");
        hcloud("server", "poweron", "web");
        hcloud("server", "reboot", "web");
        hcloud("server", "reset", "web");
        hcloud("server", "shutdown", "web");
        hcloud("server", "rebuild", "web", "--image", "ubuntu-24.04");
        hcloud("server", "create-image", "web", "--type", "snapshot", "--description", "before");
        hcloud("server", "enable-protection", "web", "delete", "rebuild");
        assertThat(failure("server", "delete", "web")).contains("protected");
        hcloud("server", "disable-protection", "web", "delete", "rebuild");
        hcloud("server", "add-label", "web", "more=labels");
        hcloud("server", "update", "web", "--name", "www");

        hcloud("volume", "detach", "v");
        hcloud("volume", "attach", "v", "--server", "www");
        hcloud("volume", "resize", "v", "--size", "20");
        assertThat(failure("volume", "delete", "v")).contains("still attached");
        assertThat(failure("firewall", "delete", "f")).contains("resource_in_use");
        hcloud("firewall", "remove-from-resource", "f", "--type", "server", "--server", "www");
        hcloud("firewall", "apply-to-resource", "f", "--type", "server", "--server", "www");
        hcloud("firewall", "apply-to-resource", "f", "--type", "label_selector", "--label-selector", "env=prod");
        assertThat(hcloud("firewall", "describe", "f")).contains("www", "env=prod");

        hcloud("server", "delete", "www");
        // This version of the command line does not wait for a deletion.
        await().until(() -> json("server", "list", "-o", "json").isEmpty());
        hcloud("firewall", "remove-from-resource", "f", "--type", "label_selector", "--label-selector", "env=prod");
        hcloud("firewall", "delete", "f");
        hcloud("volume", "delete", "v");
        hcloud("placement-group", "delete", "g");
        hcloud("ssh-key", "delete", "k");
        assertThat(failure("server", "describe", "www")).contains("not found");
    }
}
