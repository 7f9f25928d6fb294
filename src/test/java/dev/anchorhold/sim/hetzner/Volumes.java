package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/** Handlers of {@code /volumes} (providers.md A.7). */
final class Volumes {
    private final HetznerState state;
    private final VolumeAttachments attachments;

    Volumes(HetznerState state, Router<HetznerRequest> router, VolumeAttachments attachments) {
        this.state = state;
        this.attachments = attachments;
        router.add("GET", "/volumes", this::list);
        router.add("POST", "/volumes", this::create);
        router.add("GET", "/volumes/{id}", request -> ApiResponse.ok("volume", json(own(request))));
        router.add("PUT", "/volumes/{id}", this::update);
        router.add("DELETE", "/volumes/{id}", this::delete);
        router.add("POST", "/volumes/{id}/actions/attach", this::attach);
        router.add("POST", "/volumes/{id}/actions/detach", this::detach);
        router.add("POST", "/volumes/{id}/actions/resize", this::resize);
        router.add("POST", "/volumes/{id}/actions/change_protection", request -> {
            var volume = own(request);
            volume.deleteProtected = request.input().flag("delete", volume.deleteProtected);
            state.tables.put(volume);
            return ApiResponse.created(
                    "action", state.actions.json(attachments.start(volume, "change_protection", null, null)));
        });
    }

    private HetznerRow.Volume own(HetznerRequest request) {
        return state.own(request, HetznerRow.Volume.class, request.id("id", "volume"), "volume");
    }

    private ApiResponse list(HetznerRequest request) {
        var status = request.all("status");
        var rows = state.tables.all(HetznerRow.Volume.class).filter(v -> status.isEmpty() || status.contains(v.status));
        return ListEndpoint.of(request, state.now(), "volumes", rows, this::json);
    }

    private ApiResponse create(HetznerRequest request) {
        var fields = request.input();
        String name = validName(fields.requiredText("name"));
        int size = size(fields);
        String format = fields.text("format");
        if (format != null && !format.equals("ext4") && !format.equals("xfs")) {
            throw HetznerApiError.invalid("format", "must be ext4 or xfs");
        }
        var labels = fields.labels();
        HetznerRow.Server server = fields.has("server")
                ? state.own(request, HetznerRow.Server.class, fields.id("server"), "server")
                : null;
        if (fields.has("automount") && fields.flag("automount", false) && server == null) {
            throw HetznerApiError.invalid("automount", "needs a server");
        }
        String location = server != null
                ? server.location
                : state.catalogue
                        .location(fields.requiredIdOrName("location"))
                        .orElseThrow(() -> HetznerApiError.invalid("location", "location not found"));
        if (state.nameTaken(request, HetznerRow.Volume.class, name, 0)) {
            throw HetznerApiError.taken("name", "volume name is already used");
        }
        if (state.tables.count(HetznerRow.Volume.class) >= state.knobs.volumeLimit) {
            throw HetznerApiError.limit("volume_limit", "volume limit exceeded");
        }
        if (server != null) attachments.checkCapacity(server);
        var volume = state.initialize(new HetznerRow.Volume(), request, name);
        volume.size = size;
        volume.format = format;
        volume.location = location;
        volume.labels = labels;
        state.tables.put(volume);
        var created = attachments.start(volume, "create_volume", null, null);
        var body = ApiResponse.Json.object();
        body.set("volume", json(volume));
        body.set("action", state.actions.json(created));
        var next = body.putArray("next_actions");
        if (server != null) next.add(state.actions.json(attachments.start(volume, "attach_volume", server, created)));
        return ApiResponse.created(body);
    }

    private static String validName(String name) {
        if (!name.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")) {
            throw HetznerApiError.invalid("name", "must be at most 64 letters, digits, dots, dashes and underscores");
        }
        return name;
    }

    private static int size(RequestFields fields) {
        long size = fields.requiredId("size");
        if (size < 10 || size > 10240) throw HetznerApiError.invalid("size", "must be between 10 and 10240");
        return (int) size;
    }

    private ApiResponse update(HetznerRequest request) {
        var volume = own(request);
        var fields = request.input();
        String name = fields.text("name");
        if (name != null && state.nameTaken(request, HetznerRow.Volume.class, validName(name), volume.id)) {
            throw HetznerApiError.taken("name", "volume name is already used");
        }
        if (fields.has("labels")) state.relabel(volume, fields.labels());
        if (name != null) volume.name = name;
        state.tables.put(volume);
        return ApiResponse.ok("volume", json(volume));
    }

    private ApiResponse delete(HetznerRequest request) {
        var volume = own(request);
        if (volume.deleteProtected) throw HetznerApiError.protectedFrom("volume");
        if (volume.server != null) {
            throw HetznerApiError.unprocessable(
                    "service_error", "volume with ID '%d' is still attached to a server".formatted(volume.id));
        }
        attachments.checkIdle(volume);
        state.tables.remove(volume);
        state.guests.run(volume.id, guest -> guest.deleteVolume(volume.id));
        return ApiResponse.EMPTY;
    }

    private ApiResponse attach(HetznerRequest request) {
        var volume = own(request);
        var server = state.own(request, HetznerRow.Server.class, request.input().requiredId("server"), "server");
        if (volume.server != null) {
            throw HetznerApiError.unprocessable("volume_already_attached", "volume is already attached to a server");
        }
        VolumeAttachments.checkLocation(volume, server.location, "server");
        attachments.checkIdle(volume);
        attachments.checkCapacity(server);
        return ApiResponse.created(
                "action", state.actions.json(attachments.start(volume, "attach_volume", server, null)));
    }

    private ApiResponse detach(HetznerRequest request) {
        var volume = own(request);
        if (volume.server == null) throw HetznerApiError.unprocessable("volume_not_attached", "volume is not attached");
        attachments.checkIdle(volume);
        var server = state.own(request, HetznerRow.Server.class, volume.server, "server");
        attachments.checkUnlocked(server);
        return ApiResponse.created(
                "action", state.actions.json(attachments.start(volume, "detach_volume", server, null)));
    }

    private ApiResponse resize(HetznerRequest request) {
        var volume = own(request);
        int size = size(request.input());
        if (size <= volume.size) throw HetznerApiError.invalid("size", "must be greater than the current size");
        attachments.checkIdle(volume);
        var action = attachments.resize(volume, size);
        return ApiResponse.created("action", state.actions.json(action));
    }

    private ObjectNode json(HetznerRow.Volume volume) {
        var json = ApiResponse.Json.object().put("id", volume.id).put("name", volume.name);
        json.put("created", HetznerState.time(volume.created)).put("server", volume.server);
        json.set("location", state.catalogue.locations.get(volume.location));
        json.put("size", volume.size).put("linux_device", VolumeAttachments.device(volume));
        json.putObject("protection").put("delete", volume.deleteProtected);
        json.set("labels", Labels.json(volume.labels));
        return json.put("status", volume.status).put("format", volume.format);
    }
}
