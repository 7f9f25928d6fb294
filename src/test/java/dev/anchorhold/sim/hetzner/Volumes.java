package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;

/** {@code /volumes} (providers.md A.7). */
final class Volumes {
    private final Cloud cloud;
    private final VolumeAttachments attachments;

    Volumes(Cloud cloud, Router<Call> router, VolumeAttachments attachments) {
        this.cloud = cloud;
        this.attachments = attachments;
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
            return Answer.created(
                    "action", cloud.actions.json(attachments.start(volume, "change_protection", null, null)));
        });
    }

    private Row.Volume own(Call call) {
        return cloud.own(call, Row.Volume.class, call.id("id", "volume"), "volume");
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
        if (server != null) attachments.refuseUnlessRoom(server);
        var volume = cloud.born(new Row.Volume(), call, name);
        volume.size = size;
        volume.format = format;
        volume.location = location;
        volume.labels = labels;
        cloud.store.put(volume);
        var created = attachments.start(volume, "create_volume", null, null);
        var body = Answer.Json.object();
        body.set("volume", json(volume));
        body.set("action", cloud.actions.json(created));
        var next = body.putArray("next_actions");
        if (server != null) next.add(cloud.actions.json(attachments.start(volume, "attach_volume", server, created)));
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
        attachments.refuseIfBusy(volume);
        cloud.store.remove(volume);
        cloud.guests.run(volume.id, guest -> guest.deleteVolume(volume.id));
        return Answer.EMPTY;
    }

    private Answer attach(Call call) {
        var volume = own(call);
        var server = cloud.own(call, Row.Server.class, call.input().requiredId("server"), "server");
        if (volume.server != null) {
            throw ApiError.unprocessable("volume_already_attached", "volume is already attached to a server");
        }
        VolumeAttachments.refuseIfElsewhere(volume, server.location, "server");
        attachments.refuseIfBusy(volume);
        attachments.refuseUnlessRoom(server);
        return Answer.created("action", cloud.actions.json(attachments.start(volume, "attach_volume", server, null)));
    }

    private Answer detach(Call call) {
        var volume = own(call);
        if (volume.server == null) throw ApiError.unprocessable("volume_not_attached", "volume is not attached");
        attachments.refuseIfBusy(volume);
        var server = cloud.own(call, Row.Server.class, volume.server, "server");
        attachments.refuseIfHeld(server);
        return Answer.created("action", cloud.actions.json(attachments.start(volume, "detach_volume", server, null)));
    }

    private Answer resize(Call call) {
        var volume = own(call);
        int size = size(call.input());
        if (size <= volume.size) throw ApiError.invalid("size", "must be greater than the current size");
        attachments.refuseIfBusy(volume);
        var action = attachments.resize(volume, size);
        return Answer.created("action", cloud.actions.json(action));
    }

    private ObjectNode json(Row.Volume volume) {
        var json = Answer.Json.object().put("id", volume.id).put("name", volume.name);
        json.put("created", Cloud.time(volume.created)).put("server", volume.server);
        json.set("location", cloud.catalogue.locations.get(volume.location));
        json.put("size", volume.size).put("linux_device", VolumeAttachments.device(volume));
        json.putObject("protection").put("delete", volume.deleteProtected);
        json.set("labels", Labels.json(volume.labels));
        return json.put("status", volume.status).put("format", volume.format);
    }
}
