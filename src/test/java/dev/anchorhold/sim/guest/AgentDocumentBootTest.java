package dev.anchorhold.sim.guest;

import static dev.anchorhold.sim.guest.GuestDrivers.Port.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.guest.AgentUserData;
import dev.anchorhold.guest.GuestProgram;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.sim.cloudflare.Edge;
import dev.anchorhold.sim.cloudflare.EdgeClient;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Boots an Agent's user data with the genuine cloud-init, and its guest program with the genuine systemd, Docker,
 * nftables and disks.
 */
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class AgentDocumentBootTest {
    private static final String UID = "4f2a91c0-6d5e-4a0b-9c1d-2e3f4a5b6c7d";
    private static final String HOST = "coder-4f2a91c0.anchorhold.localhost";
    private static final long SERVER = 128_000_007L;
    private static final String DISK = "/dev/disk/by-id/scsi-0HC_Volume_7";
    private static final String ADDRESS = "203.0.113.7";

    @TempDir
    private Path folder;

    private final CloudflareSimulator cloudflare = CloudflareSimulator.start(new CloudflareOptions().noRateLimit());
    private final Edge edge = Edge.start(cloudflare, 0, 0);
    private final EdgeClient edgeClient = new EdgeClient(edge.uri(), HOST);
    private StubDoor door;
    private GuestWorld world;

    @BeforeEach
    void start() throws Exception {
        assumeThat(SampleAgentImage.available()).isTrue();
        door = new StubDoor(payload(tunnelToken()));
        world = new GuestWorld(folder, "nspawn", 8);
        GuestDrivers.door(folder, door.port());
        GuestDrivers.edge(folder, URI.create("tcp://" + edge.connectorAddress()).getPort());
        world.guests.create(machine(door.bootstrapToken));
        // The cloud's own firewall stays open, so that only the guest's own can be what closes its ports.
        world.guests.applyFirewall(SERVER, Inbound.OPEN);
        world.guests.start(SERVER);
    }

    @AfterEach
    void stop() {
        edge.close();
        cloudflare.close();
        if (world != null) {
            world.guests.destroy(SERVER);
            world.close();
            door.close();
            assertThat(world.traces()).isEmpty();
        }
    }

    @Test
    void H26_an_agent_of_a_private_image_boots_serves_its_url_behind_closed_doors_and_comes_back_after_a_reboot() {
        assertThat(report(report -> problems(report).contains("volume"))
                        .at("/container/running")
                        .asBoolean())
                .as("nothing runs before its volume is there")
                .isFalse();
        // Docker is to reach the private registry without TLS too.
        run("sed -i 's/5000/5000 --insecure-registry=%s/' /etc/default/docker && systemctl restart docker.service"
                .formatted(ImageRegistry.PRIVATE));
        world.guests.attachVolume(SERVER, new Volume(7, 10, DISK, Optional.empty()));
        assertSetUpAsTheDocumentSays(report(AgentDocumentBootTest::ready));
        soon().until(() -> edgeClient.get("/").body().contains("revision 1"));
        assertThat(edgeClient.send("PUT", "/files/note", "kept").status()).isLessThan(300);
        assertNothingAnswersFromOutside();
        assertContainerReachesOutButNotTheUserData();
        assertTheLoginIsWhereItBelongs();

        var container = run("docker inspect -f '{{.Id}}' anchorhold-agent");
        world.guests.reboot(SERVER, false);
        var bootId = door.lastReport().get("bootId");
        report(report -> ready(report) && !report.get("bootId").equals(bootId));
        assertThat(door.keySignIns).hasPositiveValue();
        assertThat(run("docker inspect -f '{{.Id}}' anchorhold-agent")).isEqualTo(container);
        soon().until(() -> edgeClient.get("/files/note").body().contains("kept"));
        assertNothingAnswersFromOutside();

        run("systemctl kill -s KILL anchorhold-guest.service && systemctl restart docker.service");
        soon().until(() -> edgeClient.get("/files/note").body().contains("kept"));
        assertNothingAnswersFromOutside();
        assertThat(door.lines)
                .noneMatch(line -> line.get("source").asText().equals("container"))
                .noneMatch(line -> line.get("text").asText().contains("wrote"));
    }

    private void assertSetUpAsTheDocumentSays(JsonNode report) {
        assertThat(report.at("/container/image").asText()).isEqualTo(privateImage());
        assertThat(report.at("/program").asText()).isEqualTo(GuestProgram.sha256(GuestProgram.text()));
        assertThat(run("cat /run/cloud-init/result.json")).contains("\"errors\": []");
        assertThat(run("grep -c -e WARN -e Traceback /var/log/cloud-init.log || true"))
                .isEqualTo("0");
        assertThat(run("docker inspect -f '{{json .Config.Env}}' anchorhold-agent"))
                .contains("one\\ntwo 'three'", "PORT=8080");
        assertThat(run("ls /etc/anchorhold; cat /root/.ssh/authorized_keys; passwd -S root"))
                .contains("guest.json", "root L")
                .doesNotContain("bootstrap-token", "sealed");
        assertThat(run("stat -c %u /proc/$(systemctl show -p MainPID --value anchorhold-connector.service)"))
                .as("the connector is a user of its own, not root")
                .isNotEqualTo("0");
    }

    /** User data, and with it a used token, is for the machine alone; the container reaches all else out there. */
    private void assertContainerReachesOutButNotTheUserData() {
        var inside = "nsenter --net --target $(docker inspect -f '{{.State.Pid}}' anchorhold-agent) curl -s -m 3 -o"
                + " /dev/null ";
        assertThat(run(inside + "http://172.31.1.1:5000/v2/ && echo reached")).isEqualTo("reached");
        assertThat(run(inside + "http://169.254.169.254/hetzner/v1/userdata || echo closed"))
                .isEqualTo("closed");
        assertThat(run("curl -s -m 3 -o /dev/null http://169.254.169.254/hetzner/v1/userdata && echo reached"))
                .isEqualTo("reached");
    }

    /** H26: the registry gives nothing without it, and Docker does not keep it. */
    private void assertTheLoginIsWhereItBelongs() {
        // A pattern that does not match itself: the guest's journal has the commands of this test.
        String password = "[%s]%s".formatted(ImageRegistry.PASSWORD.charAt(0), ImageRegistry.PASSWORD.substring(1));
        String another = privateImage().replaceFirst("@.*", ":other"); // what is here already is not asked for
        assertThat(run("docker pull -q %s 2>&1 || true".formatted(another))).contains("no basic auth credentials");
        assertThat(run("grep -rl '%s' /etc /var/lib/docker /var/lib/cloud /var/lib/anchorhold /root || true"
                        .formatted(password)))
                .isEqualTo("/var/lib/anchorhold/payload.json");
        assertThat(run("stat -c '%U %a' /var/lib/anchorhold/payload.json")).isEqualTo("root 600");
        assertThat(run("journalctl --no-pager | grep -c '%s' || true".formatted(password)))
                .isEqualTo("0");
    }

    private void assertNothingAnswersFromOutside() {
        assertThat(GuestDrivers.scan(folder, ADDRESS, 22, 8080, 20241, 1))
                .containsOnly(entry(22, SILENT), entry(8080, SILENT), entry(20241, SILENT), entry(1, SILENT));
        assertThat(GuestDrivers.scan(folder, "2001:db8:aa:7::1", 22, 8080))
                .containsOnly(entry(22, SILENT), entry(8080, SILENT));
        assertThat(run("systemctl is-active ssh.service ssh.socket || true")).isEqualTo("inactive\ninactive");
    }

    private JsonNode report(Predicate<JsonNode> expected) {
        soon().untilAsserted(() -> assertThat(door.lastReport() != null && expected.test(door.lastReport()))
                .as("the report that is awaited: %s", door.lastReport())
                .isTrue());
        return door.lastReport();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions();
    }

    private static boolean ready(JsonNode report) {
        return report.at("/container/running").asBoolean()
                && report.at("/connector/ready").asBoolean()
                && report.at("/firewall/holds").asBoolean()
                && report.at("/volume/mounted").asBoolean();
    }

    private static List<String> problems(JsonNode report) {
        return report.get("problems").findValuesAsText("what");
    }

    private String run(String command) {
        return world.guests.run(SERVER, "sh", "-c", command).strip();
    }

    private String tunnelToken() {
        var console = cloudflare.console();
        var tunnel = console.act(
                        "POST", "/accounts/{account}/cfd_tunnel", "{\"name\":\"agent\",\"config_src\":\"cloudflare\"}")
                .path("id")
                .asText();
        console.configure(tunnel, """
            {"ingress":[{"hostname":"%s","service":"http://127.0.0.1:8080"},{"service":"http_status:404"}]}\
            """.formatted(HOST));
        console.createRecord("anchorhold.localhost", """
            {"type":"CNAME","name":"%s","content":"%s.cfargotunnel.com","proxied":true}\
            """.formatted(HOST, tunnel));
        return console.tunnelToken(tunnel);
    }

    private static String privateImage() {
        return ImageRegistry.PRIVATE + "/sample-agent@" + SampleAgentImage.digest(1);
    }

    private static Map<String, Object> payload(String tunnelToken) {
        return Map.of(
                "agent", Map.of("uid", UID, "namespace", "default", "name", "coder"),
                "image", privateImage(),
                "login",
                        Map.of(
                                "server", ImageRegistry.PRIVATE,
                                "username", ImageRegistry.USER,
                                "password", ImageRegistry.PASSWORD),
                "env", Map.of("GREETING", "one\ntwo 'three'"),
                "port", 8080,
                "hostname", "coder-4f2a91c0",
                "volume", Map.of("id", 7, "device", DISK, "mount", "/data/home-coder"),
                "settings", Map.of("version", 1, "tunnelToken", tunnelToken, "shareLogs", false));
    }

    private static Machine machine(String token) {
        var document = AgentUserData.render(new AgentUserData.Parameters(
                "coder-4f2a91c0", UID, URI.create("http://172.31.1.1:8080"), token, GuestProgram.text()));
        return new Machine(
                SERVER,
                "coder-4f2a91c0",
                "debian-12",
                "hel1",
                Optional.of(ADDRESS),
                Optional.of("2001:db8:aa:7::/64"),
                List.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl sealed"),
                Optional.of(document));
    }
}
