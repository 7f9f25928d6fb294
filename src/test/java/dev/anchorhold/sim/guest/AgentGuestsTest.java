package dev.anchorhold.sim.guest;

import static dev.anchorhold.sim.guest.GuestDrivers.Port.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests what an Agent needs of its guest: a container engine, a volume, the door and the edge; all of it with no port
 * open.
 */
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class AgentGuestsTest {

    private static final String DISK = "/dev/disk/by-id/scsi-0HC_Volume_";

    @TempDir
    static Path folder;

    private static GuestWorld world;
    private static Machine guest;

    @BeforeAll
    static void boot() {
        world = new GuestWorld(folder, "nspawn", 8);
        guest = world.server(7);
        world.guests.create(guest);
        world.guests.applyFirewall(guest.serverId(), new Inbound(false, List.of()));
        world.guests.attachVolume(guest.serverId(), volume(1, 10));
        world.guests.start(guest.serverId());
        awaitBoot();
    }

    @AfterAll
    static void close() {
        world.guests.destroy(guest.serverId());
        world.close();
        assertThat(world.traces()).isEmpty();
    }

    @Test
    void a_container_of_the_sample_image_keeps_its_files_on_the_volume_over_a_reboot() {
        assumeThat(SampleAgentImage.available()).isTrue();
        run("mkfs.ext4 -q %s1 && mkdir -p /data/home-coder && mount %s1 /data/home-coder".formatted(DISK, DISK));
        run("docker pull -q " + SampleAgentImage.reference(1));
        run("docker run -d --init --restart unless-stopped --name agent -p 127.0.0.1:8080:8080 -e GREETING=secret"
                + " -v /data/home-coder:/data/home-coder " + SampleAgentImage.reference(1));
        awaitAgent();
        assertThat(run("curl -s http://127.0.0.1:8080/"))
                .contains("revision 1", "GREETING")
                .doesNotContain("secret");
        run("curl -sf -X PUT -d kept http://127.0.0.1:8080/files/note");
        assertThat(run("docker logs agent")).contains("wrote \"note\", 4 bytes");
        assertThat(run("docker info -f '{{.Driver}}'")).isEqualTo("overlay2");

        world.guests.reboot(guest.serverId(), false);
        awaitBoot();
        run("mount %s1 /data/home-coder && docker restart agent".formatted(DISK));
        awaitAgent();
        assertThat(run("curl -s http://127.0.0.1:8080/files/note")).isEqualTo("kept");
        assertThat(GuestDrivers.scan(folder, guest.ipv4().orElseThrow(), 22, 8080))
                .as("seen from outside")
                .containsOnly(entry(22, SILENT), entry(8080, SILENT));
    }

    @Test
    void a_volume_comes_grows_and_goes_while_the_machine_runs() {
        assertThat(run("test -e %s2 && echo there || echo missing".formatted(DISK)))
                .isEqualTo("missing");
        world.guests.attachVolume(guest.serverId(), volume(2, 10));
        run("mkfs.ext4 -q %s2 && mkdir -p /mnt/two && mount %s2 /mnt/two && echo two >/mnt/two/file"
                .formatted(DISK, DISK));
        assertThat(run("blkid -o value -s TYPE %s2".formatted(DISK))).isEqualTo("ext4");

        world.guests.attachVolume(guest.serverId(), volume(2, 15));
        // Not while it is mounted: for that the kernel asks for a right that root has not on every computer.
        run("umount /mnt/two && e2fsck -fp %s2 && resize2fs %s2 && mount %s2 /mnt/two".formatted(DISK, DISK, DISK));
        assertThat(Integer.parseInt(run("df --output=size -BG /mnt/two | tail -1 | tr -dc 0-9")))
                .isBetween(14, 15);

        world.guests.detachVolume(guest.serverId(), 2);
        assertThat(run("test -e %s2 && echo there || echo gone".formatted(DISK)))
                .isEqualTo("gone");
        assertThat(run("touch /mnt/two/other 2>&1 || true"))
                .as("who has it mounted has nothing")
                .contains("Input/output error");

        world.guests.attachVolume(guest.serverId(), volume(2, 15));
        assertThat(run("mkdir /mnt/again && mount %s2 /mnt/again && cat /mnt/again/file; umount /mnt/again /mnt/two"
                        .formatted(DISK)))
                .as("what was written before it was pulled out")
                .isEqualTo("two");
        world.guests.detachVolume(guest.serverId(), 2);
        world.guests.deleteVolume(2);
        assertThat(folder.resolve("guests/volumes/2.raw")).doesNotExist();
    }

    @Test
    void the_door_knows_the_guest_by_its_address_whatever_it_claims() throws Exception {
        var loopback = InetAddress.getLoopbackAddress();
        assertThat(run("curl -s -m 5 http://172.31.1.1:8080/ || echo closed")).isEqualTo("closed");
        var door = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        door.createContext("/guest", exchange -> {
            var sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var answer =
                    "%s from %s".formatted(sent, exchange.getRequestHeaders().get("X-Forwarded-For"));
            exchange.sendResponseHeaders(200, answer.length());
            exchange.getResponseBody().write(answer.getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        door.start();
        try {
            GuestDrivers.door(folder, door.getAddress().getPort());
            assertThat(run("curl -s -d hello -H 'X-Forwarded-For: 1.2.3.4' http://172.31.1.1:8080/guest"))
                    .isEqualTo("hello from [203.0.113.7]");
        } finally {
            door.stop(0);
        }
    }

    @Test
    void the_edge_gets_what_a_connector_says() throws Exception {
        assertThat(run("cat /etc/anchorhold-world/edge")).isEqualTo("172.31.1.1:7844");
        try (var edge = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            GuestDrivers.edge(folder, edge.getLocalPort());
            var served = Thread.ofVirtual().start(() -> {
                try (var connector = edge.accept()) {
                    var sent = connector.getInputStream().readNBytes(5);
                    connector.getOutputStream().write(sent);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(run("printf hello | nc -N -w 30 172.31.1.1 7844")).isEqualTo("hello");
            served.join();
        }
    }

    @Test
    void a_command_that_fails_says_so() {
        assertThatThrownBy(() -> run("exit 3")).isInstanceOf(GuestFailure.class);
    }

    private static Volume volume(long id, int size) {
        return new Volume(id, size, DISK + id, Optional.empty());
    }

    private static String run(String command) {
        return world.guests.run(guest.serverId(), "sh", "-c", command).strip();
    }

    private static void awaitBoot() {
        await().pollInterval(Duration.ofMillis(100))
                .until(() -> world.guests.describe(guest.serverId()).contains("cloud-init done"));
    }

    private static void awaitAgent() {
        await().ignoreExceptions()
                .until(() -> run("curl -sf http://127.0.0.1:8080/healthz").equals("ok"));
    }
}
