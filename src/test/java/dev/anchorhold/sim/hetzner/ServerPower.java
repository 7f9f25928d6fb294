package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Effects of servers' actions on their state and on their machines: power, rebuild, change of type. */
final class ServerPower {
    private final HetznerState state;
    private final ServerMachine machines;
    private final Set<Long> offBeforeRunning = new HashSet<>();

    ServerPower(HetznerState state, ServerMachine machines) {
        this.state = state;
        this.machines = machines;
        power("start_server", "starting", (guest, id) -> guest.start(id), "running");
        power("stop_server", "stopping", (guest, id) -> guest.stop(id, false), "off");
        afterFailure("start_server", "off");
        afterFailure("stop_server", "running");
        // What happens to a server whose creation failed is not known [U]: here it stays, off.
        afterFailure("create_server", "off");
        afterFailure("rebuild_server", "off");
        afterFailure("change_server_type", "off");
        power("reboot_server", null, (guest, id) -> guest.reboot(id, true), "running");
        power("reset_server", null, (guest, id) -> guest.reboot(id, false), "running");
        state.guests.whenOff(id -> state.react(() -> wentOff(id)));
        state.actions.on("shutdown_server", this::completeShutdown);
        state.actions.on(
                "rebuild_server",
                this::beginRebuild,
                action -> with(action, server -> {
                    server.rescueUntil = null;
                    status(server, "running");
                }));
        state.actions.on(
                "change_server_type",
                action -> begin(action, "migrating", (guest, id) -> guest.start(id)),
                this::completeChangeType);
    }

    /** The guest powered itself off: no action shows it, only the server's status. */
    private void wentOff(long id) {
        state.tables.find(HetznerRow.Server.class, id).ifPresent(server -> {
            if (server.status.equals("running")) status(server, "off");
            else if (server.status.equals("starting")) offBeforeRunning.add(id);
        });
    }

    private void power(String command, String meanwhile, BiConsumer<GuestDriver, Long> work, String afterwards) {
        state.actions.on(
                command,
                action -> {
                    offBeforeRunning.remove(action.target("server"));
                    return begin(action, meanwhile, work);
                },
                action -> with(action, server -> {
                    server.shutdownDue = null;
                    if (afterwards.equals("running")) server.rescueUntil = null; // this boot was the rescue system's
                    status(server, offBeforeRunning.remove(server.id) ? "off" : afterwards);
                }));
    }

    private void afterFailure(String command, String status) {
        state.actions.onFailure(command, action -> with(action, server -> status(server, status)));
    }

    private CompletableFuture<Void> begin(HetznerRow.Action action, String status, BiConsumer<GuestDriver, Long> work) {
        with(action, server -> {
            if (status != null) status(server, status);
        });
        long id = action.target("server");
        return work == null
                ? CompletableFuture.completedFuture(null)
                : state.guests.run(id, guest -> work.accept(guest, id));
    }

    private void with(HetznerRow.Action action, Consumer<HetznerRow.Server> change) {
        state.tables.find(HetznerRow.Server.class, action.target("server")).ifPresent(change);
    }

    private void status(HetznerRow.Server server, String status) {
        server.status = status;
        state.tables.put(server);
    }

    /** Success only means that the power button was pressed; the guest shuts down in its own time, or never. */
    private void completeShutdown(HetznerRow.Action action) {
        with(action, server -> {
            if (!server.status.equals("running") || state.knobs.guestsIgnoreShutdown) return;
            server.shutdownDue = state.now().plus(state.durations.of("guest_shutdown"));
            state.tables.put(server);
            awaitShutdown(server);
        });
    }

    void awaitShutdown(HetznerRow.Server server) {
        var due = server.shutdownDue;
        long id = server.id;
        var machine = state.guests.run(id, guest -> guest.stop(id, true));
        state.at(
                due,
                () -> machine.whenComplete((_, failure) -> state.react(() -> {
                    if (!due.equals(server.shutdownDue)) return;
                    server.shutdownDue = null;
                    if (failure == null) server.status = "off";
                    state.tables.put(server);
                })));
    }

    private CompletableFuture<Void> beginRebuild(HetznerRow.Action action) {
        long id = action.target("server");
        with(action, server -> {
            server.shutdownDue = null;
            status(server, "rebuilding");
        });
        state.guests.run(id, guest -> guest.destroy(id));
        with(action, machines::create);
        return state.guests.run(id, guest -> guest.start(id));
    }

    private void completeChangeType(HetznerRow.Action action) {
        with(action, server -> {
            server.serverType = Long.parseLong(action.arguments.get("type"));
            server.diskGb = Integer.parseInt(action.arguments.get("disk"));
            server.rescueUntil = null;
            status(server, "running"); // the API starts it again (providers.md A.4)
        });
    }

    /** After a restart: restores the machines, and waits for shutdowns that were asked for. */
    void resume() {
        for (HetznerRow.Server server :
                state.tables.all(HetznerRow.Server.class).toList()) {
            machines.restore(server);
            if (server.shutdownDue != null) awaitShutdown(server);
        }
    }
}
