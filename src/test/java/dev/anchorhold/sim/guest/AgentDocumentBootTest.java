package dev.anchorhold.sim.guest;

import static dev.anchorhold.sim.guest.GuestDrivers.Port.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.guest.AgentDocument;
import dev.anchorhold.guest.GuestProgram;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** An Agent's document under the genuine cloud-init, its program with the genuine Docker, iptables, nftables and disks. */
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class AgentDocumentBootTest {
    private static final String UID = "4f2a91c0-6d5e-4a0b-9c1d-2e3f4a5b6c7d";
    private static final long SERVER = 128_000_007L;
    private static final String DISK = "/dev/disk/by-id/scsi-0HC_Volume_7";
    private static final String ADDRESS = "203.0.113.7";

    @TempDir
    Path folder;

    private GuestWorld world;

    @Test
    void an_agent_boots_runs_its_container_behind_closed_doors_and_comes_back_after_a_reboot() throws Exception {
        assumeThat(SampleAgentImage.available()).isTrue();
        try (var door = new StubDoor(payload())) {
            world = new GuestWorld(folder, "nspawn", 8);
            try {
                GuestDrivers.door(folder, door.port());
                world.guests.create(machine(door.bootstrapToken));
                // The cloud's own firewall stays open, so that only the guest's own can be what closes its ports.
                world.guests.applyFirewall(SERVER, Inbound.OPEN);
                world.guests.start(SERVER);
                assertThat(report(door, report -> problems(report).contains("volume"))
                                .at("/container/running")
                                .asBoolean())
                        .as("nothing runs before its volume is there")
                        .isFalse();
                world.guests.attachVolume(SERVER, new Volume(7, 10, DISK));
                bootsAndIsClosed(door);
                comesBackAsItWas(door);
            } finally {
                world.guests.destroy(SERVER);
                world.close();
            }
        }
        assertThat(world.traces()).isEmpty();
    }

    private void bootsAndIsClosed(StubDoor door) {
        var report = report(door, AgentDocumentBootTest::stands);
        assertThat(report.at("/container/image").asText()).isEqualTo(SampleAgentImage.reference(1));
        assertThat(report.at("/program").asText()).isEqualTo(GuestProgram.sha256(GuestProgram.text()));
        assertThat(run("cat /run/cloud-init/result.json")).contains("\"errors\": []");
        assertThat(run("grep -c -e WARN -e Traceback /var/log/cloud-init.log || true"))
                .isEqualTo("0");

        assertThat(run("curl -s http://127.0.0.1:8080/")).contains("revision 1", "GREETING");
        run("curl -sf -X PUT -d kept http://127.0.0.1:8080/files/note");
        closed();
        assertThat(run("docker inspect -f '{{json .Config.Env}}' anchorhold-agent"))
                .contains("one\\ntwo 'three'", "PORT=8080");
        assertThat(run("docker exec anchorhold-agent true; ls /etc/anchorhold /root/.ssh; cat"
                        + " /root/.ssh/authorized_keys"))
                .contains("guest.json")
                .doesNotContain("bootstrap-token", "sealed");
    }

    /** Nothing answers from outside, and the container cannot reach what only the machine may. */
    private void closed() {
        assertThat(GuestDrivers.scan(folder, ADDRESS, 22, 8080, 20241, 1))
                .containsOnly(entry(22, SILENT), entry(8080, SILENT), entry(20241, SILENT), entry(1, SILENT));
        assertThat(GuestDrivers.scan(folder, "2001:db8:aa:7::1", 22, 8080))
                .containsOnly(entry(22, SILENT), entry(8080, SILENT));
        assertThat(run("systemctl is-active ssh.service ssh.socket || true")).doesNotContain("\nactive", "activating");
    }

    private void comesBackAsItWas(StubDoor door) {
        var container = run("docker inspect -f '{{.Id}}' anchorhold-agent");
        var bootId = door.lastReport().get("bootId").asText();
        world.guests.reboot(SERVER, false);
        report(door, report -> stands(report) && !report.get("bootId").asText().equals(bootId));
        assertThat(door.comingsInByKey).hasPositiveValue();
        assertThat(run("docker inspect -f '{{.Id}}' anchorhold-agent")).isEqualTo(container);
        assertThat(run("curl -s http://127.0.0.1:8080/files/note")).isEqualTo("kept");
        closed();

        run("systemctl restart docker.service");
        await().atMost(Duration.ofSeconds(120))
                .ignoreExceptions()
                .until(() -> run("curl -s http://127.0.0.1:8080/files/note").equals("kept"));
        closed();
        assertThat(door.lines).noneMatch(line -> line.get("source").asText().equals("container"));
    }

    private JsonNode report(StubDoor door, Predicate<JsonNode> expected) {
        await().atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(100))
                .conditionEvaluationListener(condition -> {
                    if (condition.getRemainingTimeInMS() < 500) {
                        System.err.println(door.lastReport() + "\n" + door.lines);
                    }
                })
                .until(() -> door.lastReport() != null && expected.test(door.lastReport()));
        return door.lastReport();
    }

    private static boolean stands(JsonNode report) {
        return report.at("/container/running").asBoolean()
                && report.at("/firewall/holds").asBoolean()
                && report.at("/volume/mounted").asBoolean();
    }

    private static List<String> problems(JsonNode report) {
        return report.get("problems").findValuesAsText("what");
    }

    private String run(String command) {
        return world.guests.run(SERVER, "sh", "-c", command).strip();
    }

    private static Map<String, Object> payload() {
        return Map.of(
                "agent", Map.of("uid", UID, "namespace", "default", "name", "coder"),
                "image", SampleAgentImage.reference(1),
                "env", Map.of("GREETING", "one\ntwo 'three'"),
                "port", 8080,
                "hostname", "coder-4f2a91c0",
                "volume", Map.of("id", 7, "device", DISK, "mount", "/data/home-coder"),
                "settings", Map.of("version", 1, "tunnelToken", "a tunnel's token", "shareLogs", false));
    }

    private static Machine machine(String token) {
        var document = AgentDocument.render(new AgentDocument.Boot(
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
