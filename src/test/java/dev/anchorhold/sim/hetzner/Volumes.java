package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/** {@code /volumes} (providers.md A.7). */
final class Volumes {
    private final HetznerState hetznerState;
    private final VolumeAttachments attachments;

    Volumes(HetznerState hetznerState, Router<HetznerRequest> router, VolumeAttachments attachments) {
        this.hetznerState = hetznerState;
        this.attachments = attachments;
        router.add("GET", "/volumes", this::list);
        router.add("POST", "/volumes", this::create);
        router.add("GET", "/volumes/{id}", hetznerRequest -> ApiResponse.ok("volume", json(own(hetznerRequest))));
        router.add("PUT", "/volumes/{id}", this::update);
        router.add("DELETE", "/volumes/{id}", this::delete);
        router.add("POST", "/volumes/{id}/actions/attach", this::attach);
        router.add("POST", "/volumes/{id}/actions/detach", this::detach);
        router.add("POST", "/volumes/{id}/actions/resize", this::resize);
        router.add("POST", "/volumes/{id}/actions/change_protection", hetznerRequest -> {
            var volume = own(hetznerRequest);
            volume.deleteProtected = hetznerRequest.input().flag("delete", volume.deleteProtected);
            hetznerState.hetznerTables.put(volume);
            return ApiResponse.created(
                    "action", hetznerState.actions.json(attachments.start(volume, "change_protection", null, null)));
        });
    }

    private HetznerRow.Volume own(HetznerRequest hetznerRequest) {
        return hetznerState.own(hetznerRequest, HetznerRow.Volume.class, hetznerRequest.id("id", "volume"), "volume");
    }

    private ApiResponse list(HetznerRequest hetznerRequest) {
        var status = hetznerRequest.all("status");
        var rows = hetznerState
                .hetznerTables
                .all(HetznerRow.Volume.class)
                .filter(v -> status.isEmpty() || status.contains(v.status));
        return ListEndpoint.of(hetznerRequest, hetznerState.now(), "volumes", rows, this::json);
    }

    private ApiResponse create(HetznerRequest hetznerRequest) {
        var requestFields = hetznerRequest.input();
        String name = validName(requestFields.requiredText("name"));
        int size = size(requestFields);
        String format = requestFields.text("format");
        if (format != null && !format.equals("ext4") && !format.equals("xfs")) {
            throw HetznerApiError.invalid("format", "must be ext4 or xfs");
        }
        var labels = requestFields.labels();
        HetznerRow.Server server = requestFields.has("server")
                ? hetznerState.own(hetznerRequest, HetznerRow.Server.class, requestFields.id("server"), "server")
                : null;
        if (requestFields.has("automount") && requestFields.flag("automount", false) && server == null) {
            throw HetznerApiError.invalid("automount", "needs a server");
        }
        String location = server != null
                ? server.location
                : hetznerState
                        .catalogue
                        .location(requestFields.requiredIdOrName("location"))
                        .orElseThrow(() -> HetznerApiError.invalid("location", "location not found"));
        if (hetznerState.nameTaken(hetznerRequest, HetznerRow.Volume.class, name, 0)) {
            throw HetznerApiError.taken("name", "volume name is already used");
        }
        if (hetznerState.hetznerTables.count(HetznerRow.Volume.class) >= hetznerState.knobs.volumeLimit) {
            throw HetznerApiError.limit("volume_limit", "volume limit exceeded");
        }
        if (server != null) attachments.refuseUnlessRoom(server);
        var volume = hetznerState.born(new HetznerRow.Volume(), hetznerRequest, name);
        volume.size = size;
        volume.format = format;
        volume.location = location;
        volume.labels = labels;
        hetznerState.hetznerTables.put(volume);
        var created = attachments.start(volume, "create_volume", null, null);
        var body = ApiResponse.Json.object();
        body.set("volume", json(volume));
        body.set("action", hetznerState.actions.json(created));
        var next = body.putArray("next_actions");
        if (server != null)
            next.add(hetznerState.actions.json(attachments.start(volume, "attach_volume", server, created)));
        return ApiResponse.created(body);
    }

    private static String validName(String name) {
        if (!name.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")) {
            throw HetznerApiError.invalid("name", "must be at most 64 letters, digits, dots, dashes and underscores");
        }
        return name;
    }

    private static int size(RequestFields requestFields) {
        long size = requestFields.requiredId("size");
        if (size < 10 || size > 10240) throw HetznerApiError.invalid("size", "must be between 10 and 10240");
        return (int) size;
    }

    private ApiResponse update(HetznerRequest hetznerRequest) {
        var volume = own(hetznerRequest);
        var requestFields = hetznerRequest.input();
        String name = requestFields.text("name");
        if (name != null
                && hetznerState.nameTaken(hetznerRequest, HetznerRow.Volume.class, validName(name), volume.id)) {
            throw HetznerApiError.taken("name", "volume name is already used");
        }
        if (requestFields.has("labels")) hetznerState.relabel(volume, requestFields.labels());
        if (name != null) volume.name = name;
        hetznerState.hetznerTables.put(volume);
        return ApiResponse.ok("volume", json(volume));
    }

    private ApiResponse delete(HetznerRequest hetznerRequest) {
        var volume = own(hetznerRequest);
        if (volume.deleteProtected) throw HetznerApiError.protectedFrom("volume");
        if (volume.server != null) {
            throw HetznerApiError.unprocessable(
                    "service_error", "volume with ID '%d' is still attached to a server".formatted(volume.id));
        }
        attachments.refuseIfBusy(volume);
        hetznerState.hetznerTables.remove(volume);
        hetznerState.guestDispatcher.run(volume.id, guest -> guest.deleteVolume(volume.id));
        return ApiResponse.EMPTY;
    }

    private ApiResponse attach(HetznerRequest hetznerRequest) {
        var volume = own(hetznerRequest);
        var server = hetznerState.own(
                hetznerRequest, HetznerRow.Server.class, hetznerRequest.input().requiredId("server"), "server");
        if (volume.server != null) {
            throw HetznerApiError.unprocessable("volume_already_attached", "volume is already attached to a server");
        }
        VolumeAttachments.refuseIfElsewhere(volume, server.location, "server");
        attachments.refuseIfBusy(volume);
        attachments.refuseUnlessRoom(server);
        return ApiResponse.created(
                "action", hetznerState.actions.json(attachments.start(volume, "attach_volume", server, null)));
    }

    private ApiResponse detach(HetznerRequest hetznerRequest) {
        var volume = own(hetznerRequest);
        if (volume.server == null) throw HetznerApiError.unprocessable("volume_not_attached", "volume is not attached");
        attachments.refuseIfBusy(volume);
        var server = hetznerState.own(hetznerRequest, HetznerRow.Server.class, volume.server, "server");
        attachments.refuseIfHeld(server);
        return ApiResponse.created(
                "action", hetznerState.actions.json(attachments.start(volume, "detach_volume", server, null)));
    }

    private ApiResponse resize(HetznerRequest hetznerRequest) {
        var volume = own(hetznerRequest);
        int size = size(hetznerRequest.input());
        if (size <= volume.size) throw HetznerApiError.invalid("size", "must be greater than the current size");
        attachments.refuseIfBusy(volume);
        var action = attachments.resize(volume, size);
        return ApiResponse.created("action", hetznerState.actions.json(action));
    }

    private ObjectNode json(HetznerRow.Volume volume) {
        var json = ApiResponse.Json.object().put("id", volume.id).put("name", volume.name);
        json.put("created", HetznerState.time(volume.created)).put("server", volume.server);
        json.set("location", hetznerState.catalogue.locations.get(volume.location));
        json.put("size", volume.size).put("linux_device", VolumeAttachments.device(volume));
        json.putObject("protection").put("delete", volume.deleteProtected);
        json.set("labels", Labels.json(volume.labels));
        return json.put("status", volume.status).put("format", volume.format);
    }
}
