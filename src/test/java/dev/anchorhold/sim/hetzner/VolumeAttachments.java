package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Attaches volumes to servers: checks what forbids it, and applies volumes' actions to the state and to the machines.
 */
final class VolumeAttachments {
    private static final int MAX_PER_SERVER = 16;

    private final HetznerState state;
    private final ServerLocks locks;

    VolumeAttachments(HetznerState state, ServerLocks locks) {
        this.state = state;
        this.locks = locks;
        state.actions.on(
                "create_volume",
                action -> find(action).ifPresent(volume -> {
                    volume.status = "available";
                    state.tables.put(volume);
                }));
        state.actions.on("attach_volume", this::beginAttach, this::completeAttach);
        state.actions.on(
                "detach_volume", this::beginDetach, action -> find(action).ifPresent(this::detach));
        state.actions.on(
                "resize_volume",
                this::beginResize,
                action -> find(action).ifPresent(volume -> {
                    volume.size = Integer.parseInt(action.arguments.get("size"));
                    state.tables.put(volume);
                }));
    }

    private Optional<HetznerRow.Volume> find(HetznerRow.Action action) {
        return state.tables.find(HetznerRow.Volume.class, action.target("volume"));
    }

    HetznerRow.Action start(
            HetznerRow.Volume volume, String command, HetznerRow.Server server, HetznerRow.Action after) {
        return state.actions.start(volume.project, command, targets(volume, server), Map.of(), after);
    }

    private static List<HetznerRow.Target> targets(HetznerRow.Volume volume, HetznerRow.Server server) {
        var targets = new ArrayList<HetznerRow.Target>();
        targets.add(HetznerRow.Target.of("volume", volume.id));
        if (server != null) targets.add(HetznerRow.Target.of("server", server.id));
        return targets;
    }

    HetznerRow.Action resize(HetznerRow.Volume volume, int size) {
        return state.actions.start(
                volume.project, "resize_volume", targets(volume, null), Map.of("size", "" + size), null);
    }

    void checkUnlocked(HetznerRow.Server server) {
        locks.checkUnlocked(server);
    }

    void checkIdle(HetznerRow.Volume volume) {
        if (state.actions.runningOn(volume.id).findAny().isPresent()) throw HetznerApiError.locked("volume");
    }

    void checkCapacity(HetznerRow.Server server) {
        if (server.volumes.size() >= MAX_PER_SERVER) {
            throw HetznerApiError.unprocessable("limit_exceeded_error", "server has too many volumes");
        }
        locks.checkUnlocked(server);
    }

    static void checkLocation(HetznerRow.Volume volume, String location, String field) {
        if (!volume.location.equals(location)) {
            throw HetznerApiError.invalid(field, "server and volume are not in the same location");
        }
    }

    /** Volumes that a new server is to have, checked. */
    List<HetznerRow.Volume> forNewServer(HetznerRequest request, List<Long> ids, String location) {
        var volumes = new ArrayList<HetznerRow.Volume>();
        for (long id : ids) {
            var volume = state.own(request, HetznerRow.Volume.class, id, "volume");
            checkLocation(volume, location, "volumes");
            if (volume.server != null) {
                throw HetznerApiError.unprocessable(
                        "volume_already_attached", "volume is already attached to a server");
            }
            volumes.add(volume);
        }
        return volumes;
    }

    private CompletableFuture<Void> beginAttach(HetznerRow.Action action) {
        long server = action.target("server");
        return find(action)
                .map(volume -> machine(volume))
                .map(volume -> state.guests.run(server, guest -> guest.attachVolume(server, volume)))
                .orElse(CompletableFuture.completedFuture(null));
    }

    private void completeAttach(HetznerRow.Action action) {
        var volume = find(action).orElseThrow(() -> new ActionScheduler.Failure("action_failed", "volume is gone"));
        var server = state.tables
                .find(HetznerRow.Server.class, action.target("server"))
                .orElseThrow(() -> new ActionScheduler.Failure("server_does_not_exist_anymore", "server is gone"));
        volume.server = server.id;
        server.volumes.add(volume.id);
        state.tables.put(volume);
        state.tables.put(server);
    }

    private CompletableFuture<Void> beginDetach(HetznerRow.Action action) {
        long server = action.target("server");
        long volume = action.target("volume");
        return state.guests.run(server, guest -> guest.detachVolume(server, volume));
    }

    private CompletableFuture<Void> beginResize(HetznerRow.Action action) {
        var volume = find(action).filter(v -> v.server != null).orElse(null);
        if (volume == null) return CompletableFuture.completedFuture(null);
        int size = Integer.parseInt(action.arguments.get("size"));
        var grown = machine(volume, size);
        long server = volume.server;
        return state.guests.run(server, guest -> guest.attachVolume(server, grown));
    }

    private void detach(HetznerRow.Volume volume) {
        if (volume.server == null) return;
        state.tables.find(HetznerRow.Server.class, volume.server).ifPresent(server -> {
            server.volumes.remove((Object) volume.id);
            state.tables.put(server);
        });
        volume.server = null;
        state.tables.put(volume);
    }

    /** A deleted server's volumes survive it, detached. */
    void serverDeleted(HetznerRow.Server server) {
        for (long id : List.copyOf(server.volumes)) {
            state.tables.find(HetznerRow.Volume.class, id).ifPresent(this::detach);
        }
    }

    static GuestDriver.Volume machine(HetznerRow.Volume volume) {
        return machine(volume, volume.size);
    }

    private static GuestDriver.Volume machine(HetznerRow.Volume volume, int size) {
        return new GuestDriver.Volume(volume.id, size, device(volume), Optional.ofNullable(volume.format));
    }

    static String device(HetznerRow.Volume volume) {
        return "/dev/disk/by-id/scsi-0HC_Volume_" + volume.id;
    }
}
