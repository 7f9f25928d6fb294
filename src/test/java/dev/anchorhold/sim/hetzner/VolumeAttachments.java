package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Volumes on servers: what forbids attaching, and what volumes' actions do to the books and to the machines. */
final class VolumeAttachments {
    private static final int MOST_PER_SERVER = 16;

    private final Cloud cloud;
    private final ServerLocks locks;

    VolumeAttachments(Cloud cloud, ServerLocks locks) {
        this.cloud = cloud;
        this.locks = locks;
        cloud.actions.on(
                "create_volume",
                action -> find(action).ifPresent(volume -> {
                    volume.status = "available";
                    cloud.store.put(volume);
                }));
        cloud.actions.on("attach_volume", this::beginAttach, this::completeAttach);
        cloud.actions.on(
                "detach_volume", this::beginDetach, action -> find(action).ifPresent(this::takeOff));
        cloud.actions.on(
                "resize_volume",
                this::beginResize,
                action -> find(action).ifPresent(volume -> {
                    volume.size = Integer.parseInt(action.arguments.get("size"));
                    cloud.store.put(volume);
                }));
    }

    private Optional<Row.Volume> find(Row.Action action) {
        return cloud.store.find(Row.Volume.class, action.target("volume"));
    }

    Row.Action start(Row.Volume volume, String command, Row.Server server, Row.Action after) {
        return cloud.actions.start(volume.project, command, targets(volume, server), Map.of(), after);
    }

    private static List<Row.Target> targets(Row.Volume volume, Row.Server server) {
        var targets = new ArrayList<Row.Target>();
        targets.add(Row.Target.of("volume", volume.id));
        if (server != null) targets.add(Row.Target.of("server", server.id));
        return targets;
    }

    Row.Action resize(Row.Volume volume, int size) {
        return cloud.actions.start(
                volume.project, "resize_volume", targets(volume, null), Map.of("size", "" + size), null);
    }

    void refuseIfHeld(Row.Server server) {
        locks.refuseIfHeld(server);
    }

    void refuseIfBusy(Row.Volume volume) {
        if (cloud.actions.runningOn(volume.id).findAny().isPresent()) throw ApiError.locked("volume");
    }

    void refuseUnlessRoom(Row.Server server) {
        if (server.volumes.size() >= MOST_PER_SERVER) {
            throw ApiError.unprocessable("limit_exceeded_error", "server has too many volumes");
        }
        locks.refuseIfHeld(server);
    }

    static void refuseIfElsewhere(Row.Volume volume, String location, String field) {
        if (!volume.location.equals(location)) {
            throw ApiError.invalid(field, "server and volume are not in the same location");
        }
    }

    /** Volumes that a new server is to have, checked. */
    List<Row.Volume> forNewServer(Call call, List<Long> ids, String location) {
        var volumes = new ArrayList<Row.Volume>();
        for (long id : ids) {
            var volume = cloud.own(call, Row.Volume.class, id, "volume");
            refuseIfElsewhere(volume, location, "volumes");
            if (volume.server != null) {
                throw ApiError.unprocessable("volume_already_attached", "volume is already attached to a server");
            }
            volumes.add(volume);
        }
        return volumes;
    }

    private CompletableFuture<Void> beginAttach(Row.Action action) {
        long server = action.target("server");
        return find(action)
                .map(volume -> machine(volume))
                .map(volume -> cloud.guests.run(server, guest -> guest.attachVolume(server, volume)))
                .orElse(CompletableFuture.completedFuture(null));
    }

    private void completeAttach(Row.Action action) {
        var volume = find(action).orElseThrow(() -> new Actions.Failure("action_failed", "volume is gone"));
        var server = cloud.store
                .find(Row.Server.class, action.target("server"))
                .orElseThrow(() -> new Actions.Failure("server_does_not_exist_anymore", "server is gone"));
        volume.server = server.id;
        server.volumes.add(volume.id);
        cloud.store.put(volume);
        cloud.store.put(server);
    }

    private CompletableFuture<Void> beginDetach(Row.Action action) {
        long server = action.target("server");
        long volume = action.target("volume");
        return cloud.guests.run(server, guest -> guest.detachVolume(server, volume));
    }

    private CompletableFuture<Void> beginResize(Row.Action action) {
        var volume = find(action).filter(v -> v.server != null).orElse(null);
        if (volume == null) return CompletableFuture.completedFuture(null);
        int size = Integer.parseInt(action.arguments.get("size"));
        var grown = machine(volume, size);
        long server = volume.server;
        return cloud.guests.run(server, guest -> guest.attachVolume(server, grown));
    }

    private void takeOff(Row.Volume volume) {
        if (volume.server == null) return;
        cloud.store.find(Row.Server.class, volume.server).ifPresent(server -> {
            server.volumes.remove((Object) volume.id);
            cloud.store.put(server);
        });
        volume.server = null;
        cloud.store.put(volume);
    }

    /** A deleted server's volumes survive it, detached. */
    void serverGone(Row.Server server) {
        for (long id : List.copyOf(server.volumes)) {
            cloud.store.find(Row.Volume.class, id).ifPresent(this::takeOff);
        }
    }

    static GuestDriver.Volume machine(Row.Volume volume) {
        return machine(volume, volume.size);
    }

    private static GuestDriver.Volume machine(Row.Volume volume, int size) {
        return new GuestDriver.Volume(volume.id, size, device(volume), Optional.ofNullable(volume.format));
    }

    static String device(Row.Volume volume) {
        return "/dev/disk/by-id/scsi-0HC_Volume_" + volume.id;
    }
}
