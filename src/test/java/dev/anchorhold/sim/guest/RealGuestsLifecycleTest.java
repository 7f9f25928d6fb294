package dev.anchorhold.sim.guest;

import static dev.anchorhold.WaitLimit.WAIT_LIMIT;
import static dev.anchorhold.sim.guest.GuestDrivers.Port.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Tests start, stop, reboot and removal of real guests, and that nothing of them is left on this computer. */
@Tag("slow")
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class RealGuestsLifecycleTest {

    private static final Volume VOLUME = new Volume(42, 10, "/dev/disk/by-id/scsi-0HC_Volume_42", Optional.of("ext4"));

    @TempDir
    Path folder;

    @AfterEach
    void throwDisksAway() {
        HostCommand.of("sh", "-c", "rm -rf %1$s/guests %1$s/*/guests".formatted(folder))
                .run();
    }

    @Test
    void a_file_outlives_stop_start_and_both_ways_of_rebooting() {
        try (var world = new GuestWorld(folder, "nspawn", 8)) {
            var guest = world.running(7);
            world.ssh(guest, "echo kept >/root/file; sync");
            var id = guest.serverId();

            world.guests.stop(id, true);
            assertThat(world.guests.describe(id)).startsWith("off");
            assertThat(world.fabric().scan("203.0.113.7", Optional.empty(), 22)).doesNotContain(entry(22, OPEN));
            world.guests.start(id);
            world.awaitBoot(guest);
            assertThat(world.ssh(guest, "cat /root/file")).isEqualTo("kept");

            for (var graceful : List.of(true, false)) {
                var boot = world.ssh(guest, "stat -c %Y /proc/1");
                world.guests.reboot(id, graceful);
                world.awaitBoot(guest);
                assertThat(world.ssh(guest, "cat /root/file")).isEqualTo("kept");
                assertThat(world.ssh(guest, "stat -c %Y /proc/1")).isNotEqualTo(boot);
            }
        }
    }

    @Test
    void a_guest_that_reboots_itself_comes_back_and_one_that_powers_itself_off_stays_off() {
        try (var world = new GuestWorld(folder, "nspawn", 8)) {
            var guest = world.running(7);
            var wentOff = new CompletableFuture<Long>();
            world.guests.whenOff(wentOff::complete);
            world.guests.attachVolume(guest.serverId(), VOLUME);
            var boot = world.ssh(guest, "stat -c %Y /proc/1");
            world.sshCommand("203.0.113.7", "customer", "systemctl reboot").succeeds();
            var sinceThen =
                    world.sshCommand("203.0.113.7", "customer", "test $(stat -c %%Y /proc/1) != %s".formatted(boot));
            await().until(sinceThen::succeeds);
            assertThat(world.ssh(guest, "blkid -o value -s TYPE " + VOLUME.linuxDevice()))
                    .isEqualTo("ext4");
            assertThat(wentOff).isNotDone();
            world.sshCommand("203.0.113.7", "customer", "systemctl poweroff").succeeds();
            await().until(() -> world.guests.describe(guest.serverId()).startsWith("off"));
            assertThat(wentOff).succeedsWithin(WAIT_LIMIT).isEqualTo(guest.serverId());
        }
    }

    @Test
    void destroy_leaves_nothing_of_a_guest_and_close_nothing_of_the_world() {
        try (var world = new GuestWorld(folder, "nspawn", 8)) {
            var guest = world.running(7);
            assertThat(world.traces()).anyMatch(trace -> trace.contains("128000007"));
            world.guests.destroy(guest.serverId());
            world.guests.destroy(guest.serverId());
            assertThat(world.traces()).noneMatch(trace -> trace.contains("128000007"));
            assertThat(folder.resolve("guests/128000007")).doesNotExist();

            var next = world.running(7);
            assertThat(world.ssh(next, "ls /root"))
                    .as("the address and the id are free again, the disk is new")
                    .isEmpty();
            world.guests.close();
            assertThat(world.traces()).isEmpty();
        }
    }

    @Test
    void closed_and_opened_again_a_world_knows_its_machines_and_their_firewalls() {
        var world = new GuestWorld(folder, "nspawn", 8);
        var guest = world.running(7);
        world.ssh(guest, "echo kept >/root/file");
        world.guests.applyFirewall(guest.serverId(), new Inbound(false, List.of()));
        world.close();

        try (var again = new GuestWorld(folder, "nspawn", 8)) {
            again.guests.start(guest.serverId());
            await().until(() -> again.guests.describe(guest.serverId()).contains("done"));
            assertThat(again.fabric().scan("203.0.113.7", Optional.empty(), 22)).doesNotContain(entry(22, OPEN));
            again.guests.applyFirewall(guest.serverId(), Inbound.OPEN);
            again.awaitBoot(guest);
            assertThat(again.ssh(guest, "cat /root/file")).isEqualTo("kept");
        }
    }

    @Test
    void eight_guests_run_at_once_and_a_ninth_is_on_paper() throws Exception {
        try (var world = new GuestWorld(folder, "nspawn", 8)) {
            try (var each = Executors.newVirtualThreadPerTaskExecutor()) {
                var boots = IntStream.rangeClosed(1, 8)
                        .mapToObj(n -> each.submit(() -> world.running(n)))
                        .toList();
                for (var boot : boots) {
                    boot.get();
                }
            }
            for (int n = 1; n <= 8; n++) {
                assertThat(world.ssh(world.server(n), "hostname")).isEqualTo("web-" + n);
            }
            var ninth = world.server(9);
            world.guests.create(ninth);
            world.guests.start(ninth.serverId());
            assertThat(world.guests.describe(ninth.serverId())).contains("on paper only", "beyond the 8 real guests");
            world.guests.destroy(world.server(1).serverId());
            world.guests.create(world.server(10));
            assertThat(world.guests.describe(world.server(10).serverId())).isEqualTo("off");
        }
    }

    @Test
    void two_worlds_live_side_by_side_with_the_same_addresses() throws Exception {
        try (var one = new GuestWorld(Files.createDirectory(folder.resolve("one")), "nspawn", 8);
                var other = new GuestWorld(Files.createDirectory(folder.resolve("other")), "nspawn", 8)) {
            var here = one.running(7);
            var there = other.running(7);
            one.ssh(here, "echo one >/root/where");
            assertThat(other.ssh(there, "ls /root")).isEmpty();
            one.guests.close();
            assertThat(other.ssh(there, "hostname")).isEqualTo("web-7");
            assertThat(one.traces()).isEmpty();
        }
    }

    @Test
    void a_world_is_for_one_process_at_a_time() {
        try (var _ = new GuestWorld(folder, "nspawn", 8)) {
            assertThatThrownBy(() -> GuestDrivers.choose("nspawn", folder)).isInstanceOf(GuestFailure.class);
        }
    }

    @Test
    void what_a_killed_world_left_is_gone_when_it_starts_again_and_its_disks_are_there() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        var process = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledProcess.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("running");
        process.destroyForcibly().waitFor();

        try (var world = new GuestWorld(folder, "nspawn", 8)) {
            assertThat(world.traces()).noneMatch(trace -> trace.contains("128000007") || trace.contains("/volumes/"));
            var guest = world.server(7);
            world.guests.attachVolume(guest.serverId(), VOLUME);
            world.guests.start(guest.serverId());
            world.awaitBoot(guest);
            assertThat(world.ssh(guest, "cat /root/file; mount %s /mnt; cat /mnt/file".formatted(VOLUME.linuxDevice())))
                    .isEqualTo("kept\nkept too");
        }
    }

    /** A process that is killed while its guest runs. */
    static final class KilledProcess {
        public static void main(String[] folder) throws InterruptedException {
            var world = new GuestWorld(Path.of(folder[0]), "nspawn", 8);
            var guest = world.running(7);
            world.guests.attachVolume(guest.serverId(), VOLUME);
            world.ssh(
                    guest,
                    "echo kept >/root/file; mount %s /mnt && echo kept too >/mnt/file; sync"
                            .formatted(VOLUME.linuxDevice()));
            System.out.println("running");
            Thread.sleep(Duration.ofMinutes(5));
        }
    }
}
