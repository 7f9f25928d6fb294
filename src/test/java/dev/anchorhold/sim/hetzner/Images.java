package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Handlers of {@code /images}: the catalogue's system images, and snapshots and backups of servers. */
final class Images {
    /** An image from which a server can be created. */
    record Source(long id, String name, String architecture, int diskGb) {}

    private final HetznerState state;

    Images(HetznerState state, Router<HetznerRequest> router) {
        this.state = state;
        router.add("GET", "/images", this::list);
        router.add("GET", "/images/{id}", this::get);
        router.add("PUT", "/images/{id}", this::update);
        router.add("DELETE", "/images/{id}", request -> {
            var image = own(request);
            if (image.deleteProtected) throw HetznerApiError.protectedFrom("image");
            state.tables.remove(image);
            return ApiResponse.EMPTY;
        });
        router.add("POST", "/images/{id}/actions/change_protection", request -> {
            var image = own(request);
            image.deleteProtected = request.input().flag("delete", image.deleteProtected);
            state.tables.put(image);
            var action = state.actions.start(
                    image.project, "change_protection", List.of(HetznerRow.Target.of("image", image.id)));
            return ApiResponse.created("action", state.actions.json(action));
        });
        state.actions.on(
                "create_image",
                action -> state.tables
                        .find(HetznerRow.Image.class, action.target("image"))
                        .ifPresent(image -> {
                            image.status = "available";
                            state.tables.put(image);
                        }));
    }

    private HetznerRow.Image own(HetznerRequest request) {
        long id = request.id("id", "image");
        boolean system = state.catalogue.images.stream().anyMatch(image -> image.id() == id);
        if (system) throw new HetznerApiError(403, "forbidden", "system images cannot be changed");
        return state.own(request, HetznerRow.Image.class, id, "image");
    }

    private ApiResponse list(HetznerRequest request) {
        String name = request.one("name");
        String selector = request.one("label_selector");
        LabelSelector labels = selector == null ? null : LabelSelector.parse(selector);
        Stream<ObjectNode> system = labels != null
                ? Stream.empty()
                : state.catalogue.images.stream().map(SimulatedCatalogue.SystemImage::json);
        Stream<ObjectNode> own = state.tables
                .all(HetznerRow.Image.class)
                .filter(image -> image.project == request.project().id)
                .filter(image -> labels == null || labels.test(image.labels))
                .map(this::json);
        var found = Stream.concat(system, own)
                .filter(image -> name == null || name.equals(image.path("name").asText(null)))
                .filter(image -> allows(request.all("type"), image, "type"))
                .filter(image -> allows(request.all("status"), image, "status"))
                .filter(image -> allows(request.all("architecture"), image, "architecture"))
                .filter(image -> allows(request.all("bound_to"), image, "bound_to"))
                .toList();
        return ListEndpoint.page(request, "images", found, Function.identity());
    }

    private static boolean allows(List<String> wanted, ObjectNode image, String field) {
        return wanted.isEmpty() || wanted.contains(image.path(field).asText());
    }

    private ApiResponse get(HetznerRequest request) {
        long id = request.id("id", "image");
        return ApiResponse.ok(
                "image",
                state.catalogue.images.stream()
                        .filter(image -> image.id() == id)
                        .map(SimulatedCatalogue.SystemImage::json)
                        .findFirst()
                        .orElseGet(() -> json(state.own(request, HetznerRow.Image.class, id, "image"))));
    }

    private ApiResponse update(HetznerRequest request) {
        var image = own(request);
        var fields = request.input();
        String description = fields.text("description");
        if (fields.has("labels")) state.relabel(image, fields.labels());
        if (description != null) image.description = description;
        if ("snapshot".equals(fields.text("type"))) {
            image.type = "snapshot";
            image.boundTo = null;
        }
        state.tables.put(image);
        return ApiResponse.ok("image", json(image));
    }

    /** By id or name; a name means the image of the server type's architecture. */
    Source find(HetznerRequest request, String idOrName, String architecture) {
        var system = state.catalogue.image(idOrName, architecture);
        Source source = system.map(image -> new Source(image.id(), image.name(), image.architecture(), 5))
                .or(() -> state.tables
                        .all(HetznerRow.Image.class)
                        .filter(image -> image.project == request.project().id)
                        .filter(image -> Long.toString(image.id).equals(idOrName))
                        .findFirst()
                        .map(image -> new Source(
                                image.id, image.osFlavor + "-" + image.osVersion, image.architecture, image.diskGb)))
                .orElseThrow(() -> HetznerApiError.invalid("image", "image '%s' not found".formatted(idOrName)));
        if (!source.architecture.equals(architecture)) {
            throw HetznerApiError.invalid("image", "image is not available for the server type's architecture");
        }
        return source;
    }

    /** The system image that the machine boots; a snapshot boots the system that it was taken of. */
    String systemName(long id) {
        return state.catalogue.images.stream()
                .filter(image -> image.id() == id)
                .map(SimulatedCatalogue.SystemImage::name)
                .findFirst()
                .or(() -> state.tables
                        .find(HetznerRow.Image.class, id)
                        .map(image -> image.osFlavor + "-" + image.osVersion))
                .orElse("unknown");
    }

    ObjectNode jsonOrNull(long id) {
        return state.catalogue.images.stream()
                .filter(image -> image.id() == id)
                .map(SimulatedCatalogue.SystemImage::json)
                .findFirst()
                .or(() -> state.tables.find(HetznerRow.Image.class, id).map(this::json))
                .orElse(null);
    }

    HetznerRow.Image snapshot(HetznerRequest request, HetznerRow.Server server, RequestFields fields) {
        String type = fields.has("type") ? fields.text("type") : "snapshot";
        if (!type.equals("snapshot") && !type.equals("backup")) {
            throw HetznerApiError.invalid("type", "must be snapshot or backup");
        }
        if (type.equals("backup") && server.backupWindow == null) {
            throw HetznerApiError.invalid("type", "backups are not enabled for the server");
        }
        var image = state.initialize(new HetznerRow.Image(), request, null);
        image.type = type;
        image.labels = fields.labels();
        image.description = fields.has("description") ? fields.text("description") : type;
        image.fromServer = server.id;
        image.fromName = server.name;
        image.boundTo = type.equals("backup") ? server.id : null;
        image.diskGb = server.diskGb;
        var of = jsonOrNull(server.image);
        image.osFlavor = of == null ? "unknown" : of.path("os_flavor").asText();
        image.osVersion = of == null ? null : of.path("os_version").asText();
        image.architecture = of == null ? "x86" : of.path("architecture").asText();
        state.tables.put(image);
        return image;
    }

    /** A disk never shrinks. */
    void checkFits(Source image, int diskGb) {
        if (image.diskGb > diskGb) {
            throw HetznerApiError.invalid("image", "image disk is bigger than the server type's disk");
        }
    }

    void deleteBackups(HetznerRow.Server server) {
        state.tables
                .all(HetznerRow.Image.class)
                .filter(image -> image.boundTo != null && image.boundTo == server.id)
                .toList()
                .forEach(state.tables::remove);
    }

    ObjectNode json(HetznerRow.Image image) {
        var json = ApiResponse.Json.object()
                .put("id", image.id)
                .put("type", image.type)
                .put("status", image.status);
        json.putNull("name");
        json.put("description", image.description);
        if (image.status.equals("available")) json.put("image_size", 1.5);
        else json.putNull("image_size");
        json.put("disk_size", image.diskGb).put("created", HetznerState.time(image.created));
        json.putObject("created_from").put("id", image.fromServer).put("name", image.fromName);
        json.put("bound_to", image.boundTo).put("os_flavor", image.osFlavor).put("os_version", image.osVersion);
        json.put("architecture", image.architecture).put("rapid_deploy", false);
        json.putObject("protection").put("delete", image.deleteProtected);
        json.putNull("deprecated").putNull("deprecation").putNull("deleted");
        json.set("labels", Labels.json(image.labels));
        return json;
    }
}
