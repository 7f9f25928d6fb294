package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** {@code /images}: the catalogue's system images, and snapshots and backups of servers. */
final class Images {
    /** What a server can be made from. */
    record Source(long id, String name, String architecture, int diskGb) {}

    private final Cloud cloud;

    Images(Cloud cloud, Router<Call> router) {
        this.cloud = cloud;
        router.add("GET", "/images", this::list);
        router.add("GET", "/images/{id}", this::get);
        router.add("PUT", "/images/{id}", this::update);
        router.add("DELETE", "/images/{id}", call -> {
            var image = own(call);
            if (image.deleteProtected) throw ApiError.protectedFrom("image");
            cloud.store.remove(image);
            return Answer.EMPTY;
        });
        router.add("POST", "/images/{id}/actions/change_protection", call -> {
            var image = own(call);
            image.deleteProtected = call.input().flag("delete", image.deleteProtected);
            cloud.store.put(image);
            var action =
                    cloud.actions.start(image.project, "change_protection", List.of(Row.Target.of("image", image.id)));
            return Answer.created("action", cloud.actions.json(action));
        });
        cloud.actions.on(
                "create_image",
                action -> cloud.store
                        .find(Row.Image.class, action.target("image"))
                        .ifPresent(image -> {
                            image.status = "available";
                            cloud.store.put(image);
                        }));
    }

    private Row.Image own(Call call) {
        long id = call.id("id", "image");
        boolean system = cloud.catalogue.images.stream().anyMatch(image -> image.id() == id);
        if (system) throw new ApiError(403, "forbidden", "system images cannot be changed");
        return cloud.own(call, Row.Image.class, id, "image");
    }

    private Answer list(Call call) {
        String name = call.one("name");
        String selector = call.one("label_selector");
        LabelSelector labels = selector == null ? null : LabelSelector.parse(selector);
        Stream<ObjectNode> system = labels != null
                ? Stream.empty()
                : cloud.catalogue.images.stream().map(Catalogue.SystemImage::json);
        Stream<ObjectNode> own = cloud.store
                .all(Row.Image.class)
                .filter(image -> image.project == call.project().id)
                .filter(image -> labels == null || labels.test(image.labels))
                .map(this::json);
        var found = Stream.concat(system, own)
                .filter(image -> name == null || name.equals(image.path("name").asText(null)))
                .filter(image -> allows(call.all("type"), image, "type"))
                .filter(image -> allows(call.all("status"), image, "status"))
                .filter(image -> allows(call.all("architecture"), image, "architecture"))
                .filter(image -> allows(call.all("bound_to"), image, "bound_to"))
                .toList();
        return Listing.page(call, "images", found, Function.identity());
    }

    private static boolean allows(List<String> wanted, ObjectNode image, String field) {
        return wanted.isEmpty() || wanted.contains(image.path(field).asText());
    }

    private Answer get(Call call) {
        long id = call.id("id", "image");
        return Answer.ok(
                "image",
                cloud.catalogue.images.stream()
                        .filter(image -> image.id() == id)
                        .map(Catalogue.SystemImage::json)
                        .findFirst()
                        .orElseGet(() -> json(cloud.own(call, Row.Image.class, id, "image"))));
    }

    private Answer update(Call call) {
        var image = own(call);
        var input = call.input();
        String description = input.text("description");
        if (input.has("labels")) cloud.relabel(image, input.labels());
        if (description != null) image.description = description;
        if ("snapshot".equals(input.text("type"))) {
            image.type = "snapshot";
            image.boundTo = null;
        }
        cloud.store.put(image);
        return Answer.ok("image", json(image));
    }

    /** By id or name; a name means the image of the server type's architecture. */
    Source find(Call call, String idOrName, String architecture) {
        var system = cloud.catalogue.image(idOrName, architecture);
        Source source = system.map(image -> new Source(image.id(), image.name(), image.architecture(), 5))
                .or(() -> cloud.store
                        .all(Row.Image.class)
                        .filter(image -> image.project == call.project().id)
                        .filter(image -> Long.toString(image.id).equals(idOrName))
                        .findFirst()
                        .map(image -> new Source(
                                image.id, image.osFlavor + "-" + image.osVersion, image.architecture, image.diskGb)))
                .orElseThrow(() -> ApiError.invalid("image", "image '%s' not found".formatted(idOrName)));
        if (!source.architecture.equals(architecture)) {
            throw ApiError.invalid("image", "image is not available for the server type's architecture");
        }
        return source;
    }

    /** The name that the machine is made from; snapshots boot as the system that they were taken of. */
    String systemName(long id) {
        return cloud.catalogue.images.stream()
                .filter(image -> image.id() == id)
                .map(Catalogue.SystemImage::name)
                .findFirst()
                .or(() -> cloud.store.find(Row.Image.class, id).map(image -> image.osFlavor + "-" + image.osVersion))
                .orElse("unknown");
    }

    ObjectNode jsonOrNull(long id) {
        return cloud.catalogue.images.stream()
                .filter(image -> image.id() == id)
                .map(Catalogue.SystemImage::json)
                .findFirst()
                .or(() -> cloud.store.find(Row.Image.class, id).map(this::json))
                .orElse(null);
    }

    Row.Image snapshot(Call call, Row.Server server, Input input) {
        String type = input.has("type") ? input.text("type") : "snapshot";
        if (!type.equals("snapshot") && !type.equals("backup")) {
            throw ApiError.invalid("type", "must be snapshot or backup");
        }
        var image = cloud.born(new Row.Image(), call, null);
        image.type = type;
        image.labels = input.labels();
        image.description = input.has("description") ? input.text("description") : type;
        image.fromServer = server.id;
        image.fromName = server.name;
        image.boundTo = type.equals("backup") ? server.id : null;
        image.diskGb = server.diskGb;
        var of = jsonOrNull(server.image);
        image.osFlavor = of == null ? "unknown" : of.path("os_flavor").asText();
        image.osVersion = of == null ? null : of.path("os_version").asText();
        image.architecture = of == null ? "x86" : of.path("architecture").asText();
        cloud.store.put(image);
        return image;
    }

    void serverGone(Row.Server server) {
        cloud.store
                .all(Row.Image.class)
                .filter(image -> image.boundTo != null && image.boundTo == server.id)
                .toList()
                .forEach(cloud.store::remove);
    }

    ObjectNode json(Row.Image image) {
        var json =
                Answer.Json.object().put("id", image.id).put("type", image.type).put("status", image.status);
        json.putNull("name");
        json.put("description", image.description);
        if (image.status.equals("available")) json.put("image_size", 1.5);
        else json.putNull("image_size");
        json.put("disk_size", image.diskGb).put("created", Cloud.time(image.created));
        json.putObject("created_from").put("id", image.fromServer).put("name", image.fromName);
        json.put("bound_to", image.boundTo).put("os_flavor", image.osFlavor).put("os_version", image.osVersion);
        json.put("architecture", image.architecture).put("rapid_deploy", false);
        json.putObject("protection").put("delete", image.deleteProtected);
        json.putNull("deprecated").putNull("deleted").set("labels", Labels.json(image.labels));
        return json;
    }
}
