package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What a server's actions do to its state and to its machine. */
final class ServerPower {
    private final HetznerState hetznerState;
    private final ServerMachine machines;
    private final Set<Long> offBeforeRunning = new HashSet<>();

    ServerPower(HetznerState hetznerState, ServerMachine machines) {
        this.hetznerState = hetznerState;
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
        hetznerState.guestDispatcher.whenOff(id -> hetznerState.react(() -> wentOff(id)));
        hetznerState.actions.on("shutdown_server", this::pressed);
        hetznerState.actions.on(
                "rebuild_server", this::beginRebuild, action -> with(action, server -> status(server, "running")));
        hetznerState.actions.on(
                "change_server_type", action -> begin(action, "migrating", null), this::completeChangeType);
    }

    /** Nobody asked for it here: no action tells of it, only the server's own status. */
    private void wentOff(long id) {
        hetznerState.hetznerTables.find(HetznerRow.Server.class, id).ifPresent(server -> {
            if (server.status.equals("running")) status(server, "off");
            else if (server.status.equals("starting")) offBeforeRunning.add(id);
        });
    }

    private void power(String command, String meanwhile, BiConsumer<GuestDriver, Long> work, String afterwards) {
        hetznerState.actions.on(
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
        hetznerState.actions.onFailure(command, action -> with(action, server -> status(server, status)));
    }

    private CompletableFuture<Void> begin(HetznerRow.Action action, String status, BiConsumer<GuestDriver, Long> work) {
        with(action, server -> {
            if (status != null) status(server, status);
        });
        long id = action.target("server");
        return work == null
                ? CompletableFuture.completedFuture(null)
                : hetznerState.guestDispatcher.run(id, guest -> work.accept(guest, id));
    }

    private void with(HetznerRow.Action action, Consumer<HetznerRow.Server> change) {
        hetznerState
                .hetznerTables
                .find(HetznerRow.Server.class, action.target("server"))
                .ifPresent(change);
    }

    private void status(HetznerRow.Server server, String status) {
        server.status = status;
        hetznerState.hetznerTables.put(server);
    }

    /** Success only says that the button was pressed; the guest goes down in its own time, or never. */
    private void pressed(HetznerRow.Action action) {
        with(action, server -> {
            if (!server.status.equals("running") || hetznerState.knobs.guestsIgnoreShutdown) return;
            server.shutdownDue = hetznerState.now().plus(hetznerState.durations.of("guest_shutdown"));
            hetznerState.hetznerTables.put(server);
            awaitShutdown(server);
        });
    }

    void awaitShutdown(HetznerRow.Server server) {
        var due = server.shutdownDue;
        long id = server.id;
        var machine = hetznerState.guestDispatcher.run(id, guest -> guest.stop(id, true));
        hetznerState.at(
                due,
                () -> machine.whenComplete((_, failure) -> hetznerState.react(() -> {
                    if (!due.equals(server.shutdownDue)) return;
                    server.shutdownDue = null;
                    if (failure == null) server.status = "off";
                    hetznerState.hetznerTables.put(server);
                })));
    }

    private CompletableFuture<Void> beginRebuild(HetznerRow.Action action) {
        long id = action.target("server");
        with(action, server -> {
            server.shutdownDue = null;
            status(server, "rebuilding");
        });
        hetznerState.guestDispatcher.run(id, guest -> guest.destroy(id));
        with(action, machines::create);
        return hetznerState.guestDispatcher.run(id, guest -> guest.start(id));
    }

    private void completeChangeType(HetznerRow.Action action) {
        with(action, server -> {
            server.serverType = Long.parseLong(action.arguments.get("type"));
            server.diskGb = Integer.parseInt(action.arguments.get("disk"));
            status(server, "off");
        });
    }

    /** After a restart: machines are there again, and buttons that were pressed stay pressed. */
    void resume() {
        for (HetznerRow.Server server :
                hetznerState.hetznerTables.all(HetznerRow.Server.class).toList()) {
            machines.restore(server);
            if (server.shutdownDue != null) awaitShutdown(server);
        }
    }
}
