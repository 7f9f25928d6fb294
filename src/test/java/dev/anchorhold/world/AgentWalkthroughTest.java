package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.guest.GuestDrivers;
import dev.anchorhold.sim.guest.SampleAgentImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Walks a new user's way with an Agent, by {@code ./dev} alone: real guest, real Docker, both simulated clouds, all
 * processes.
 */
@Tag("slow")
@EnabledIf("realGuests")
class AgentWalkthroughTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path world;

    private DevCommand here;
    private String url;

    static boolean realGuests() {
        return GuestDrivers.nspawnWorks() && SampleAgentImage.available();
    }

    @BeforeEach
    void an_agent_that_is_ready() {
        here = new DevCommand(world);
        here.java("up", "--detach", "--guests=nspawn").assertSuccess();
        kubectl("apply", "--filename=k8s-dev/samples/agent.yaml");
        awaitReady();
        url = agent(".status.url");
    }

    @AfterEach
    void nothing_stays() {
        here.java("reset");
    }

    @Test
    void an_agent_has_a_url_and_no_port_keeps_its_files_and_its_image_and_leaves_nothing() {
        assertThat(curl(url)).contains("revision 1");
        assertThat(curl(url + "/files/kept.txt", "--upload-file", "README.md")).isEmpty();
        assertThat(GuestDrivers.scan(world, address(), 22, 80, 443, 2375, 8080, 20241)
                        .values())
                .as("ports that answer from the internet")
                .containsOnly(GuestDrivers.Port.SILENT);

        kubectl("apply", "--filename=" + world.resolve("samples/agentimage-2.yaml"));
        await("the newer image is told of")
                .atMost(PATIENCE)
                .until(() -> kubectl(
                                "get",
                                "agent/coder",
                                "-o",
                                "jsonpath={.status.conditions[?(@.type=='ImageCurrent')].message}")
                        .contains("Cloning is the supported upgrade path"));

        for (String policy : List.of("PowerOff", "ReleaseServer")) {
            change("\"pausePolicy\": \"%s\", \"operatingMode\": \"Paused\"".formatted(policy));
            kubectl("wait", "--for=jsonpath={.status.state}=Paused", "agent/coder", "--timeout=180s");
            assertThat(here.dev("hcloud", "server", "list", "-o", "noheader")
                            .assertSuccess()
                            .output()
                            .isBlank())
                    .isEqualTo(policy.equals("ReleaseServer"));
            change("\"operatingMode\": \"Running\"");
            kubectl("wait", "--for=jsonpath={.status.state}=Running", "agent/coder", "--timeout=180s");
            awaitReady();
            assertThat(curl(url)).as("frozen for life").contains("revision 1");
            assertThat(curl(url + "/files/kept.txt")).startsWith("# Anchorhold");
        }

        kubectl("delete", "agent/coder", "--timeout=180s");
        assertThat(here.dev("hcloud", "server", "list", "-o", "noheader")
                        .assertSuccess()
                        .output())
                .isBlank();
        assertThat(here.dev("hcloud", "volume", "list", "-o", "noheader")
                        .assertSuccess()
                        .output())
                .isBlank();
        assertThat(here.dev("hcloud", "primary-ip", "list", "-o", "noheader")
                        .assertSuccess()
                        .output())
                .isBlank();
        assertThat(cloudflare("/accounts/$CLOUDFLARE_ACCOUNT_ID/cfd_tunnel?is_deleted=false"))
                .contains("\"result\":[]");
        assertThat(kubectl("get", "secrets", "--namespace=default", "-o", "name"))
                .isBlank();
        assertThat(curl(url)).as("what Cloudflare says").contains("1016");
    }

    /** The promise: customer code inside the container is not exfiltrated. */
    @Test
    void what_the_container_prints_stays_in_its_guest_unless_it_is_shared() throws IOException {
        curl(url + "/files/private.txt", "--upload-file", "LICENSE");

        change("\"shareLogs\": true");
        awaitReady();
        curl(url + "/files/shared.txt", "--upload-file", "LICENSE");
        await("the shared line is outside")
                .atMost(PATIENCE)
                .until(() -> !outside("sample agent wrote \"shared.txt\"").isEmpty());

        assertThat(outside("sample agent wrote \"private.txt\"")).isEmpty();
    }

    /** The world's files that hold the text; not the guests' own disks. */
    private List<Path> outside(String text) throws IOException {
        try (Stream<Path> files = Files.walk(world)) {
            return files.filter(it -> !it.startsWith(world.resolve("guests")))
                    .filter(Files::isRegularFile)
                    .filter(it -> holds(it, text))
                    .toList();
        }
    }

    private static boolean holds(Path file, String text) {
        try {
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            return content.contains(text) || content.contains(text.replace("\"", "\\\""));
        } catch (IOException _) {
            return false; // gone meanwhile
        }
    }

    private String address() {
        return here.dev("hcloud", "server", "list", "-o", "noheader", "-o", "columns=ipv4")
                .assertSuccess()
                .output()
                .strip();
    }

    private void awaitReady() {
        kubectl("wait", "--for=condition=Ready", "agent/coder", "--timeout=180s");
    }

    private void change(String spec) {
        kubectl("patch", "agent/coder", "--type=merge", "--patch={\"spec\": {%s}}".formatted(spec));
    }

    private String agent(String path) {
        return kubectl("get", "agent/coder", "-o", "jsonpath={%s}".formatted(path));
    }

    private String kubectl(String... arguments) {
        return here.dev(Stream.concat(Stream.of("kubectl"), Stream.of(arguments))
                        .toArray(String[]::new))
                .assertSuccess()
                .output();
    }

    /** As in the README; curl knows that every name under localhost is this machine. */
    private String curl(String address, String... arguments) {
        return here.run(
                        "curl",
                        Stream.concat(Stream.of("--silent", "--max-time", "30", address), Stream.of(arguments))
                                .toArray(String[]::new))
                .assertSuccess()
                .output();
    }

    private String cloudflare(String path) {
        return here.run(
                        "bash",
                        "-c",
                        ". $ANCHORHOLD_WORLD/env; curl --silent -H \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\""
                                + " \"$CLOUDFLARE_BASE_URL"
                                + path + "\"")
                .assertSuccess()
                .output();
    }
}
