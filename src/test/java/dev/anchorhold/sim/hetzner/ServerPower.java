package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What a server's actions do to its state and to its machine. */
final class ServerPower {
    private final Cloud cloud;
    private final ServerMachine machines;
    private final Set<Long> offBeforeRunning = new HashSet<>();

    ServerPower(Cloud cloud, ServerMachine machines) {
        this.cloud = cloud;
        this.machines = machines;
        power("start_server", "starting", (guest, id) -> guest.start(id), "running");
        power("stop_server", "stopping", (guest, id) -> guest.stop(id, false), "off");
        afterFailure("start_server", "off");
        afterFailure("stop_server", "running");
        // What becomes of a server whose creation failed is not known [U]: here it stays, off.
        afterFailure("create_server", "off");
        afterFailure("rebuild_server", "off");
        afterFailure("change_server_type", "off");
        power("reboot_server", null, (guest, id) -> guest.reboot(id, true), "running");
        power("reset_server", null, (guest, id) -> guest.reboot(id, false), "running");
        cloud.guests.whenOff(id -> cloud.react(() -> wentOff(id)));
        cloud.actions.on("shutdown_server", this::pressed);
        cloud.actions.on(
                "rebuild_server", this::beginRebuild, action -> with(action, server -> status(server, "running")));
        cloud.actions.on("change_server_type", action -> begin(action, "migrating", null), this::completeChangeType);
    }

    /** Nobody asked for it here: no action tells of it, only the server's own status. */
    private void wentOff(long id) {
        cloud.store.find(Row.Server.class, id).ifPresent(server -> {
            if (server.status.equals("running")) status(server, "off");
            else if (server.status.equals("starting")) offBeforeRunning.add(id);
        });
    }

    private void power(String command, String meanwhile, BiConsumer<GuestDriver, Long> work, String afterwards) {
        cloud.actions.on(
                command,
                action -> {
                    offBeforeRunning.remove(action.target("server"));
                    return begin(action, meanwhile, work);
                },
                action -> with(action, server -> {
                    server.shutdownDue = null;
                    status(server, offBeforeRunning.remove(server.id) ? "off" : afterwards);
                }));
    }

    private void afterFailure(String command, String status) {
        cloud.actions.onFailure(command, action -> with(action, server -> status(server, status)));
    }

    private CompletableFuture<Void> begin(Row.Action action, String status, BiConsumer<GuestDriver, Long> work) {
        with(action, server -> {
            if (status != null) status(server, status);
        });
        long id = action.target("server");
        return work == null
                ? CompletableFuture.completedFuture(null)
                : cloud.guests.run(id, guest -> work.accept(guest, id));
    }

    private void with(Row.Action action, Consumer<Row.Server> change) {
        cloud.store.find(Row.Server.class, action.target("server")).ifPresent(change);
    }

    private void status(Row.Server server, String status) {
        server.status = status;
        cloud.store.put(server);
    }

    /** Success only says that the button was pressed; the guest goes down in its own time, or never. */
    private void pressed(Row.Action action) {
        with(action, server -> {
            if (!server.status.equals("running") || cloud.knobs.guestsIgnoreShutdown) return;
            server.shutdownDue = cloud.now().plus(cloud.durations.of("guest_shutdown"));
            cloud.store.put(server);
            awaitShutdown(server);
        });
    }

    void awaitShutdown(Row.Server server) {
        var due = server.shutdownDue;
        long id = server.id;
        var machine = cloud.guests.run(id, guest -> guest.stop(id, true));
        cloud.at(
                due,
                () -> machine.whenComplete((_, failure) -> cloud.react(() -> {
                    if (!due.equals(server.shutdownDue)) return;
                    server.shutdownDue = null;
                    if (failure == null) server.status = "off";
                    cloud.store.put(server);
                })));
    }

    private CompletableFuture<Void> beginRebuild(Row.Action action) {
        long id = action.target("server");
        with(action, server -> {
            server.shutdownDue = null;
            status(server, "rebuilding");
        });
        cloud.guests.run(id, guest -> guest.destroy(id));
        with(action, machines::create);
        return cloud.guests.run(id, guest -> guest.start(id));
    }

    private void completeChangeType(Row.Action action) {
        with(action, server -> {
            server.serverType = Long.parseLong(action.arguments.get("type"));
            server.diskGb = Integer.parseInt(action.arguments.get("disk"));
            status(server, "off");
        });
    }

    /** After a restart: machines are there again, and buttons that were pressed stay pressed. */
    void resume() {
        for (Row.Server server : cloud.store.all(Row.Server.class).toList()) {
            machines.restore(server);
            if (server.shutdownDue != null) awaitShutdown(server);
        }
    }
}
