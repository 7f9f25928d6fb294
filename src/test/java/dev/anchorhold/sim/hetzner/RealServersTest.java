package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.guest.GuestDrivers;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Tests that servers and volumes of the API are real in the guests. */
@Tag("slow")
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class RealServersTest {
    @TempDir
    private Path folder;

    private HetznerSimulator simulator;
    private HetznerTestClient api;

    @Test
    void a_volume_outlives_its_server_and_a_server_that_powers_itself_off_is_off() {
        var options = new HetznerOptions()
                .speed(1000)
                .noRateLimit()
                .guests(GuestDrivers.choose("nspawn", folder).driver());
        try (var hetzner = HetznerSimulator.start(options);
                var client = HetznerTestClient.of(hetzner)) {
            simulator = hetzner;
            api = client;
            var volume = api.post("/volumes", "{\"name\":\"data\",\"size\":10,\"location\":\"hel1\"}")
                    .body()
                    .get("volume");
            var id = volume.get("id").asLong();
            var device = volume.get("linux_device").asText();
            settle();

            long first = server("first", id);
            run(first, "mkfs.ext4 -q %1$s && mount %1$s /mnt && echo kept >/mnt/file && umount /mnt".formatted(device));
            api.delete("/servers/" + first);
            settle();
            long second = server("second", id);
            assertThat(run(second, "mount %s /mnt && cat /mnt/file".formatted(device)))
                    .isEqualTo("kept");
            assertThat(folder.resolve("guests/volumes/%d.raw".formatted(id))).exists();

            simulator.console().runInGuest(second, "systemctl", "--no-block", "poweroff");
            await().until(() -> api.status(second).equals("off"));

            api.delete("/servers/" + second);
            settle();
            assertThat(api.delete("/volumes/" + id).status()).isEqualTo(204);
            await().untilAsserted(() -> assertThat(folder.resolve("guests/volumes/%d.raw".formatted(id)))
                    .doesNotExist());
        }
    }

    private long server(String name, long volume) {
        long id = api.createServer(name, ",\"volumes\":[%d]".formatted(volume));
        settle();
        await().until(() -> simulator.console().describeGuest(id).contains("cloud-init done"));
        return id;
    }

    private String run(long server, String command) {
        return simulator.console().runInGuest(server, "sh", "-c", command).strip();
    }

    private void settle() {
        await().until(() ->
                api.get("/volumes/actions?status=running").body().get("actions").isEmpty()
                        && api.get("/servers/actions?status=running")
                                .body()
                                .get("actions")
                                .isEmpty());
    }
}
