package dev.anchorhold.sim.guest;

import static dev.anchorhold.WaitLimit.WAIT_LIMIT;
import static dev.anchorhold.sim.guest.GuestDrivers.Port.OPEN;
import static dev.anchorhold.sim.guest.GuestDrivers.Port.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Tests one virtual machine, for what a container cannot show. */
@Tag("slow")
@EnabledIf("dev.anchorhold.sim.guest.QemuGuestTest#possible")
class QemuGuestTest {

    @TempDir
    Path folder;

    static boolean possible() {
        return GuestDrivers.lackingForQemu().isEmpty()
                && GuestDrivers.lackingForNspawn().isEmpty();
    }

    @Test
    void a_virtual_machine_boots_with_Hetzners_identity_its_volumes_and_its_firewall_and_shuts_down() {
        try (var world = new GuestWorld(folder, "qemu", 8)) {
            var guest = world.server(7);
            var id = guest.serverId();
            world.guests.create(guest);
            world.guests.attachVolume(id, volume(100_000_001, 10));
            world.guests.start(id);
            world.awaitBoot(guest, WAIT_LIMIT.multipliedBy(3)); // without KVM it takes a minute of a core of its own

            assertThat(world.ssh(guest, "cloud-init status --wait --long"))
                    .contains("status: done", "DataSourceHetzner");
            assertThat(world.ssh(guest, "cat /run/cloud-init/result.json")).contains("\"errors\": []");
            assertThat(world.ssh(guest, "grep -c WARN /var/log/cloud-init.log || true"))
                    .isEqualTo("0");
            assertThat(world.ssh(guest, "cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_serial"))
                    .isEqualTo("Hetzner\n128000007");
            assertThat(world.ssh(guest, "cat /root/.ssh/authorized_keys"))
                    .endsWith("customer")
                    .doesNotContain("sealed");

            var byId = "/dev/disk/by-id/scsi-0HC_Volume_";
            assertThat(world.ssh(guest, "blockdev --getsize64 %s100000001".formatted(byId)))
                    .isEqualTo("10737418240");
            world.guests.attachVolume(id, volume(100_000_002, 11));
            await().until(
                            () -> world.ssh(guest, "ls /dev/disk/by-id"),
                            names -> names.contains("scsi-0HC_Volume_100000002"));
            world.guests.detachVolume(id, 100_000_002);
            await().until(() -> world.ssh(guest, "ls /dev/disk/by-id"), names -> !names.contains("100000002"));
            world.guests.attachVolume(id, volume(100_000_001, 12));
            await().until(() -> world.ssh(guest, "blockdev --getsize64 %s100000001".formatted(byId))
                    .equals("12884901888"));

            await().until(() -> world.fabric().scan("203.0.113.7", Optional.empty(), 22), Map.of(22, OPEN)::equals);
            world.guests.applyFirewall(id, new Inbound(false, List.of()));
            assertThat(world.fabric().scan("203.0.113.7", Optional.empty(), 22)).containsOnly(entry(22, SILENT));

            world.guests.stop(id, true);
            assertThat(world.guests.describe(id)).startsWith("off");
            world.guests.destroy(id);
            assertThat(world.traces()).noneMatch(trace -> trace.contains("128000007"));
        }
    }

    private static Volume volume(long id, int sizeGiB) {
        return new Volume(id, sizeGiB, "/dev/disk/by-id/scsi-0HC_Volume_" + id, Optional.empty());
    }
}
