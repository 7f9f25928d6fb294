package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.guest.GuestDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which calls the guest driver gets, and when. */
class GuestDispatcherTest {
    private static final String RULE =
            "{\"direction\":\"in\",\"protocol\":\"tcp\",\"port\":\"22\",\"source_ips\":[\"0.0.0.0/0\"]}";

    private final Recorder guests = new Recorder();

    @TempDir
    private Path folder;

    /** A driver that records its calls; it fails where it is asked to. */
    private static final class Recorder implements GuestDriver {
        final List<String> calls = Collections.synchronizedList(new ArrayList<>());
        volatile boolean failStart;
        LongConsumer wentOff;

        @Override
        public void create(Machine machine) {
            calls.add("create %s %s %s"
                    .formatted(
                            machine.hostname(),
                            machine.image(),
                            machine.userData().orElse("-")));
        }

        @Override
        public void start(long serverId) {
            calls.add("start");
            if (failStart) throw new GuestFailure("no memory left", null);
        }

        @Override
        public void stop(long serverId, boolean graceful) {
            calls.add(graceful ? "shutdown" : "stop");
        }

        @Override
        public void reboot(long serverId, boolean graceful) {
            calls.add(graceful ? "reboot" : "reset");
        }

        @Override
        public void destroy(long serverId) {
            calls.add("destroy");
        }

        @Override
        public void applyFirewall(long serverId, Inbound inbound) {
            calls.add("firewall " + (inbound.open() ? "open" : inbound.rules().size()));
        }

        @Override
        public void attachVolume(long serverId, Volume volume) {
            calls.add("attach " + volume.sizeGiB());
        }

        @Override
        public void detachVolume(long serverId, long volumeId) {
            calls.add("detach");
        }

        @Override
        public void deleteVolume(long volumeId) {
            calls.add("delete volume");
        }

        @Override
        public void whenOff(LongConsumer listener) {
            wentOff = listener;
        }

        @Override
        public String describe(long serverId) {
            return "a recorder";
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    private HetznerSimulator start() {
        return HetznerSimulator.start(
                new HetznerOptions().speed(1000).noRateLimit().guests(guests).dataFolder(folder));
    }

    private static void settle(HetznerTestClient api) {
        await().until(() ->
                api.get("/servers/actions?status=running").body().get("actions").isEmpty());
    }

    @Test
    void rules_are_applied_before_the_first_boot_and_at_every_change() {
        try (var simulator = start();
                var api = HetznerTestClient.of(simulator)) {
            var firewall = api.post("/firewalls", "{\"name\":\"f\",\"rules\":[%s]}".formatted(RULE))
                    .body();
            long id = firewall.at("/firewall/id").asLong();
            settle(api);
            long server =
                    api.createServer("web", ",\"user_data\":\"#x\",\"firewalls\":[{\"firewall\":%d}]".formatted(id));
            settle(api);
            assertThat(guests.calls).containsExactly("create web debian-12 #x", "firewall 1", "start");
            guests.calls.clear();

            await().until(() -> api.post("/firewalls/%d/actions/set_rules".formatted(id), "{\"rules\":[]}")
                            .status()
                    == 201);
            settle(api);
            simulator.console().detachFirewall(id, server);
            settle(api);
            assertThat(guests.calls).containsExactly("firewall 0", "firewall open");
            guests.calls.clear();

            var volume = api.post("/volumes", "{\"name\":\"v\",\"size\":10,\"server\":%d}".formatted(server))
                    .body();
            settle(api);
            await().until(() ->
                    api.post("/volumes/%s/actions/resize".formatted(volume.at("/volume/id")), "{\"size\":20}")
                                    .status()
                            == 201);
            await().until(() -> guests.calls.contains("attach 20"));
            api.post("/servers/%d/actions/shutdown".formatted(server), null);
            await().until(() -> api.status(server).equals("off"));
            simulator.console().powerOn(server);
            settle(api);
            api.delete("/servers/" + server);
            settle(api);
            assertThat(guests.calls).containsExactly("attach 10", "attach 20", "shutdown", "start", "destroy");
        }
    }

    @Test
    void a_server_whose_guest_goes_off_by_itself_is_off_and_no_action_says_so() {
        try (var simulator = start();
                var api = HetznerTestClient.of(simulator)) {
            long server = api.createServer("web", "");
            settle(api);
            var actions = api.get("/servers/actions").body().get("actions").size();
            guests.wentOff.accept(server);
            assertThat(api.status(server)).isEqualTo("off");
            assertThat(api.get("/servers/actions").body().get("actions")).hasSize(actions);
            simulator.console().powerOn(server);
            settle(api);
            assertThat(api.status(server)).isEqualTo("running");
        }
    }

    @Test
    void what_a_deleted_volume_holds_is_removed() {
        try (var simulator = start();
                var api = HetznerTestClient.of(simulator)) {
            var volume = api.post("/volumes", "{\"name\":\"v\",\"size\":10,\"location\":\"hel1\"}")
                    .body();
            settle(api);
            await().until(() ->
                    api.delete("/volumes/" + volume.at("/volume/id")).status() == 204);
            await().until(() -> guests.calls.equals(List.of("delete volume")));
        }
    }

    @Test
    void a_machine_that_cannot_start_fails_the_action_and_says_why() {
        guests.failStart = true;
        try (var simulator = start();
                var api = HetznerTestClient.of(simulator)) {
            var created = api.post("/servers", HetznerTestClient.serverBody("web", ""))
                    .body();
            settle(api);
            var action = api.get("/actions/" + created.at("/next_actions/0/id")).body();
            assertThat(action.at("/action/error/code").asText()).isEqualTo("action_failed");
            assertThat(action.at("/action/error/message").asText()).isEqualTo("no memory left");
            assertThat(api.status(created.at("/server/id").asLong())).isEqualTo("off");
            guests.failStart = false;
            simulator.console().powerOn(created.at("/server/id").asLong());
            settle(api);
            assertThat(api.status(created.at("/server/id").asLong())).isEqualTo("running");
        }
    }

    @Test
    void after_a_restart_machines_are_as_they_were() {
        try (var simulator = start();
                var api = HetznerTestClient.of(simulator)) {
            api.createServer("runs", "");
            settle(api);
        }
        guests.calls.clear();
        try (var simulator = start()) {
            await().until(() -> guests.calls.size() == 3);
            assertThat(guests.calls).containsExactly("create runs debian-12 -", "firewall open", "start");
            assertThat(simulator.console().describeGuest(1)).isEqualTo("a recorder");
        }
    }
}
