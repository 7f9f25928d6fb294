package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** {@code /images}: the catalogue's system images, and snapshots and backups of servers. */
final class Images {
    /** What a server can be made from. */
    record Source(long id, String name, String architecture, int diskGb) {}

    private final HetznerState hetznerState;

    Images(HetznerState hetznerState, Router<HetznerRequest> router) {
        this.hetznerState = hetznerState;
        router.add("GET", "/images", this::list);
        router.add("GET", "/images/{id}", this::get);
        router.add("PUT", "/images/{id}", this::update);
        router.add("DELETE", "/images/{id}", hetznerRequest -> {
            var image = own(hetznerRequest);
            if (image.deleteProtected) throw HetznerApiError.protectedFrom("image");
            hetznerState.hetznerTables.remove(image);
            return ApiResponse.EMPTY;
        });
        router.add("POST", "/images/{id}/actions/change_protection", hetznerRequest -> {
            var image = own(hetznerRequest);
            image.deleteProtected = hetznerRequest.input().flag("delete", image.deleteProtected);
            hetznerState.hetznerTables.put(image);
            var action = hetznerState.actions.start(
                    image.project, "change_protection", List.of(HetznerRow.Target.of("image", image.id)));
            return ApiResponse.created("action", hetznerState.actions.json(action));
        });
        hetznerState.actions.on(
                "create_image",
                action -> hetznerState
                        .hetznerTables
                        .find(HetznerRow.Image.class, action.target("image"))
                        .ifPresent(image -> {
                            image.status = "available";
                            hetznerState.hetznerTables.put(image);
                        }));
    }

    private HetznerRow.Image own(HetznerRequest hetznerRequest) {
        long id = hetznerRequest.id("id", "image");
        boolean system = hetznerState.catalogue.images.stream().anyMatch(image -> image.id() == id);
        if (system) throw new HetznerApiError(403, "forbidden", "system images cannot be changed");
        return hetznerState.own(hetznerRequest, HetznerRow.Image.class, id, "image");
    }

    private ApiResponse list(HetznerRequest hetznerRequest) {
        String name = hetznerRequest.one("name");
        String selector = hetznerRequest.one("label_selector");
        LabelSelector labels = selector == null ? null : LabelSelector.parse(selector);
        Stream<ObjectNode> system = labels != null
                ? Stream.empty()
                : hetznerState.catalogue.images.stream().map(SimulatedCatalogue.SystemImage::json);
        Stream<ObjectNode> own = hetznerState
                .hetznerTables
                .all(HetznerRow.Image.class)
                .filter(image -> image.project == hetznerRequest.project().id)
                .filter(image -> labels == null || labels.test(image.labels))
                .map(this::json);
        var found = Stream.concat(system, own)
                .filter(image -> name == null || name.equals(image.path("name").asText(null)))
                .filter(image -> allows(hetznerRequest.all("type"), image, "type"))
                .filter(image -> allows(hetznerRequest.all("status"), image, "status"))
                .filter(image -> allows(hetznerRequest.all("architecture"), image, "architecture"))
                .filter(image -> allows(hetznerRequest.all("bound_to"), image, "bound_to"))
                .toList();
        return ListEndpoint.page(hetznerRequest, "images", found, Function.identity());
    }

    private static boolean allows(List<String> wanted, ObjectNode image, String field) {
        return wanted.isEmpty() || wanted.contains(image.path(field).asText());
    }

    private ApiResponse get(HetznerRequest hetznerRequest) {
        long id = hetznerRequest.id("id", "image");
        return ApiResponse.ok(
                "image",
                hetznerState.catalogue.images.stream()
                        .filter(image -> image.id() == id)
                        .map(SimulatedCatalogue.SystemImage::json)
                        .findFirst()
                        .orElseGet(() -> json(hetznerState.own(hetznerRequest, HetznerRow.Image.class, id, "image"))));
    }

    private ApiResponse update(HetznerRequest hetznerRequest) {
        var image = own(hetznerRequest);
        var requestFields = hetznerRequest.input();
        String description = requestFields.text("description");
        if (requestFields.has("labels")) hetznerState.relabel(image, requestFields.labels());
        if (description != null) image.description = description;
        if ("snapshot".equals(requestFields.text("type"))) {
            image.type = "snapshot";
            image.boundTo = null;
        }
        hetznerState.hetznerTables.put(image);
        return ApiResponse.ok("image", json(image));
    }

    /** By id or name; a name means the image of the server type's architecture. */
    Source find(HetznerRequest hetznerRequest, String idOrName, String architecture) {
        var system = hetznerState.catalogue.image(idOrName, architecture);
        Source source = system.map(image -> new Source(image.id(), image.name(), image.architecture(), 5))
                .or(() -> hetznerState
                        .hetznerTables
                        .all(HetznerRow.Image.class)
                        .filter(image -> image.project == hetznerRequest.project().id)
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

    /** The name that the machine is made from; snapshots boot as the system that they were taken of. */
    String systemName(long id) {
        return hetznerState.catalogue.images.stream()
                .filter(image -> image.id() == id)
                .map(SimulatedCatalogue.SystemImage::name)
                .findFirst()
                .or(() -> hetznerState
                        .hetznerTables
                        .find(HetznerRow.Image.class, id)
                        .map(image -> image.osFlavor + "-" + image.osVersion))
                .orElse("unknown");
    }

    ObjectNode jsonOrNull(long id) {
        return hetznerState.catalogue.images.stream()
                .filter(image -> image.id() == id)
                .map(SimulatedCatalogue.SystemImage::json)
                .findFirst()
                .or(() -> hetznerState
                        .hetznerTables
                        .find(HetznerRow.Image.class, id)
                        .map(this::json))
                .orElse(null);
    }

    HetznerRow.Image snapshot(HetznerRequest hetznerRequest, HetznerRow.Server server, RequestFields requestFields) {
        String type = requestFields.has("type") ? requestFields.text("type") : "snapshot";
        if (!type.equals("snapshot") && !type.equals("backup")) {
            throw HetznerApiError.invalid("type", "must be snapshot or backup");
        }
        var image = hetznerState.born(new HetznerRow.Image(), hetznerRequest, null);
        image.type = type;
        image.labels = requestFields.labels();
        image.description = requestFields.has("description") ? requestFields.text("description") : type;
        image.fromServer = server.id;
        image.fromName = server.name;
        image.boundTo = type.equals("backup") ? server.id : null;
        image.diskGb = server.diskGb;
        var of = jsonOrNull(server.image);
        image.osFlavor = of == null ? "unknown" : of.path("os_flavor").asText();
        image.osVersion = of == null ? null : of.path("os_version").asText();
        image.architecture = of == null ? "x86" : of.path("architecture").asText();
        hetznerState.hetznerTables.put(image);
        return image;
    }

    void serverGone(HetznerRow.Server server) {
        hetznerState
                .hetznerTables
                .all(HetznerRow.Image.class)
                .filter(image -> image.boundTo != null && image.boundTo == server.id)
                .toList()
                .forEach(hetznerState.hetznerTables::remove);
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
        json.putNull("deprecated").putNull("deleted").set("labels", Labels.json(image.labels));
        return json;
    }
}
