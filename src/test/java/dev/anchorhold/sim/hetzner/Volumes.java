package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code /volumes} (providers.md A.7). */
final class Volumes {
    private static final int MOST_PER_SERVER = 16;

    private final Cloud cloud;
    private final ServerLocks locks;

    Volumes(Cloud cloud, Router router, ServerLocks locks) {
        this.cloud = cloud;
        this.locks = locks;
        router.add("GET", "/volumes", this::list);
        router.add("POST", "/volumes", this::create);
        router.add("GET", "/volumes/{id}", call -> Answer.ok("volume", json(own(call))));
        router.add("PUT", "/volumes/{id}", this::update);
        router.add("DELETE", "/volumes/{id}", this::delete);
        router.add("POST", "/volumes/{id}/actions/attach", this::attach);
        router.add("POST", "/volumes/{id}/actions/detach", this::detach);
        router.add("POST", "/volumes/{id}/actions/resize", this::resize);
        router.add("POST", "/volumes/{id}/actions/change_protection", call -> {
            var volume = own(call);
            volume.deleteProtected = call.input().flag("delete", volume.deleteProtected);
            cloud.store.put(volume);
            return Answer.created("action", cloud.actions.json(start(volume, "change_protection", null, null)));
        });
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

    private Row.Volume own(Call call) {
        return cloud.own(call, Row.Volume.class, call.id("id", "volume"), "volume");
    }

    private java.util.Optional<Row.Volume> find(Row.Action action) {
        return cloud.store.find(Row.Volume.class, action.target("volume"));
    }

    private Answer list(Call call) {
        var status = call.all("status");
        var rows = cloud.store.all(Row.Volume.class).filter(v -> status.isEmpty() || status.contains(v.status));
        return Listing.of(call, cloud.now(), "volumes", rows, this::json);
    }

    private Answer create(Call call) {
        var input = call.input();
        String name = validName(input.requiredText("name"));
        int size = size(input);
        String format = input.text("format");
        if (format != null && !format.equals("ext4") && !format.equals("xfs")) {
            throw ApiError.invalid("format", "must be ext4 or xfs");
        }
        var labels = input.labels();
        Row.Server server =
                input.has("server") ? cloud.own(call, Row.Server.class, input.id("server"), "server") : null;
        if (input.has("automount") && input.flag("automount", false) && server == null) {
            throw ApiError.invalid("automount", "needs a server");
        }
        String location = server != null
                ? server.location
                : cloud.catalogue
                        .location(input.requiredIdOrName("location"))
                        .orElseThrow(() -> ApiError.invalid("location", "location not found"));
        if (cloud.nameTaken(call, Row.Volume.class, name, 0)) {
            throw ApiError.taken("name", "volume name is already used");
        }
        if (cloud.store.count(Row.Volume.class) >= cloud.knobs.volumeLimit) {
            throw ApiError.limit("volume_limit", "volume limit exceeded");
        }
        if (server != null) refuseUnlessRoom(server);
        var volume = cloud.born(new Row.Volume(), call, name);
        volume.size = size;
        volume.format = format;
        volume.location = location;
        volume.labels = labels;
        cloud.store.put(volume);
        var created = start(volume, "create_volume", null, null);
        var body = Answer.Json.object();
        body.set("volume", json(volume));
        body.set("action", cloud.actions.json(created));
        var next = body.putArray("next_actions");
        if (server != null) next.add(cloud.actions.json(start(volume, "attach_volume", server, created)));
        return Answer.created(body);
    }

    private static String validName(String name) {
        if (!name.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")) {
            throw ApiError.invalid("name", "must be at most 64 letters, digits, dots, dashes and underscores");
        }
        return name;
    }

    private static int size(Input input) {
        long size = input.requiredId("size");
        if (size < 10 || size > 10240) throw ApiError.invalid("size", "must be between 10 and 10240");
        return (int) size;
    }

    private Answer update(Call call) {
        var volume = own(call);
        var input = call.input();
        String name = input.text("name");
        if (name != null && cloud.nameTaken(call, Row.Volume.class, validName(name), volume.id)) {
            throw ApiError.taken("name", "volume name is already used");
        }
        if (input.has("labels")) cloud.relabel(volume, input.labels());
        if (name != null) volume.name = name;
        cloud.store.put(volume);
        return Answer.ok("volume", json(volume));
    }

    private Answer delete(Call call) {
        var volume = own(call);
        if (volume.deleteProtected) throw ApiError.protectedFrom("volume");
        if (volume.server != null) {
            throw ApiError.unprocessable(
                    "service_error", "volume with ID '%d' is still attached to a server".formatted(volume.id));
        }
        refuseIfBusy(volume);
        cloud.store.remove(volume);
        return Answer.EMPTY;
    }

    private void refuseIfBusy(Row.Volume volume) {
        if (cloud.actions.running().anyMatch(a -> a.on("volume", volume.id))) throw ApiError.locked("volume");
    }

    private void refuseUnlessRoom(Row.Server server) {
        if (server.volumes.size() >= MOST_PER_SERVER) {
            throw ApiError.unprocessable("limit_exceeded_error", "server has too many volumes");
        }
        locks.refuseIfHeld(server);
    }

    private Answer attach(Call call) {
        var volume = own(call);
        var server = cloud.own(call, Row.Server.class, call.input().requiredId("server"), "server");
        if (volume.server != null) {
            throw ApiError.unprocessable("volume_already_attached", "volume is already attached to a server");
        }
        refuseIfElsewhere(volume, server.location, "server");
        refuseIfBusy(volume);
        refuseUnlessRoom(server);
        return Answer.created("action", cloud.actions.json(start(volume, "attach_volume", server, null)));
    }

    private static void refuseIfElsewhere(Row.Volume volume, String location, String field) {
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

    private Answer detach(Call call) {
        var volume = own(call);
        if (volume.server == null) throw ApiError.unprocessable("volume_not_attached", "volume is not attached");
        refuseIfBusy(volume);
        var server = cloud.own(call, Row.Server.class, volume.server, "server");
        locks.refuseIfHeld(server);
        return Answer.created("action", cloud.actions.json(start(volume, "detach_volume", server, null)));
    }

    private Answer resize(Call call) {
        var volume = own(call);
        int size = size(call.input());
        if (size <= volume.size) throw ApiError.invalid("size", "must be greater than the current size");
        refuseIfBusy(volume);
        var action = cloud.actions.start(
                volume.project, "resize_volume", targets(volume, null), java.util.Map.of("size", "" + size), null);
        return Answer.created("action", cloud.actions.json(action));
    }

    Row.Action start(Row.Volume volume, String command, Row.Server server, Row.Action after) {
        return cloud.actions.start(volume.project, command, targets(volume, server), java.util.Map.of(), after);
    }

    private static List<Row.Target> targets(Row.Volume volume, Row.Server server) {
        var targets = new ArrayList<Row.Target>();
        targets.add(Row.Target.of("volume", volume.id));
        if (server != null) targets.add(Row.Target.of("server", server.id));
        return targets;
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
        var grown = new GuestDriver.Volume(volume.id, size, device(volume));
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
        return new GuestDriver.Volume(volume.id, volume.size, device(volume));
    }

    private static String device(Row.Volume volume) {
        return "/dev/disk/by-id/scsi-0HC_Volume_" + volume.id;
    }

    private ObjectNode json(Row.Volume volume) {
        var json = Answer.Json.object().put("id", volume.id).put("name", volume.name);
        json.put("created", Cloud.time(volume.created)).put("server", volume.server);
        json.set("location", cloud.catalogue.locations.get(volume.location));
        json.put("size", volume.size).put("linux_device", device(volume));
        json.putObject("protection").put("delete", volume.deleteProtected);
        json.set("labels", Labels.json(volume.labels));
        return json.put("status", volume.status).put("format", volume.format);
    }
}
