package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what can be bought where from {@code catalogue.json} (providers.md A.12), and writes it as the API's JSON.
 * Immutable once read.
 */
final class SimulatedCatalogue {
    /** @param gone locations that no longer have the type, with a deprecation notice */
    record ServerType(
            long id,
            String name,
            int cores,
            int diskGb,
            String architecture,
            List<String> locations,
            List<String> gone,
            JsonNode source) {}

    record SystemImage(long id, String name, String architecture, ObjectNode json) {}

    private static final int GIB_TRAFFIC_EU = 20 * 1024;
    private static final int GIB_TRAFFIC_US = 1024;

    final Map<String, ObjectNode> locations = new LinkedHashMap<>();
    final List<ServerType> serverTypes = new ArrayList<>();
    final List<SystemImage> images = new ArrayList<>();

    SimulatedCatalogue() {
        try (var file = SimulatedCatalogue.class.getResourceAsStream("catalogue.json")) {
            JsonNode json = new ObjectMapper().readTree(file);
            json.get("locations").forEach(l -> locations.put(l.get("name").asText(), (ObjectNode) l));
            json.get("serverTypes").forEach(t -> serverTypes.add(serverType(t)));
            json.get("images").forEach(i -> images.add(image(i)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerType serverType(JsonNode type) {
        return new ServerType(
                type.get("id").asLong(),
                type.get("name").asText(),
                type.get("cores").asInt(),
                type.get("disk").asInt(),
                type.get("arch").asText(),
                texts(type.get("locations")),
                texts(type.get("gone")),
                type);
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asText()));
        return List.copyOf(texts);
    }

    private static SystemImage image(JsonNode image) {
        var json = ApiResponse.Json.object();
        json.put("id", image.get("id").asLong()).put("type", "system").put("status", "available");
        json.put("name", image.get("name").asText());
        json.put("description", image.get("description").asText());
        json.putNull("image_size").put("disk_size", 5).put("created", "2025-10-01T08:00:00Z");
        json.putNull("created_from").putNull("bound_to");
        json.put("os_flavor", image.get("flavor").asText());
        json.put("os_version", image.get("version").asText());
        json.put("architecture", image.get("arch").asText()).put("rapid_deploy", true);
        json.putObject("protection").put("delete", false);
        json.putNull("deprecated").putNull("deprecation").putNull("deleted").putObject("labels");
        return new SystemImage(
                image.get("id").asLong(),
                image.get("name").asText(),
                image.get("arch").asText(),
                json);
    }

    Optional<ServerType> serverType(long id) {
        return serverTypes.stream().filter(type -> type.id == id).findFirst();
    }

    Optional<ServerType> serverType(String idOrName) {
        return serverTypes.stream()
                .filter(type ->
                        type.name.equals(idOrName) || Long.toString(type.id).equals(idOrName))
                .findFirst();
    }

    Optional<String> location(String idOrName) {
        return locations.values().stream()
                .filter(l -> l.get("name").asText().equals(idOrName)
                        || l.get("id").asText().equals(idOrName))
                .map(l -> l.get("name").asText())
                .findFirst();
    }

    Optional<SystemImage> image(String idOrName, String architecture) {
        return images.stream()
                .filter(image -> Long.toString(image.id).equals(idOrName)
                        || (image.name.equals(idOrName) && image.architecture.equals(architecture)))
                .findFirst();
    }

    /** @param knobs which say where the type is sold out */
    ObjectNode json(ServerType type, HetznerKnobs knobs) {
        JsonNode source = type.source;
        var json = ApiResponse.Json.object();
        json.put("id", type.id).put("name", type.name);
        json.put("description", type.name.toUpperCase(Locale.ROOT));
        json.put("category", source.get("category").asText());
        json.put("cores", type.cores)
                .put("memory", source.get("memory").asInt())
                .put("disk", type.diskGb);
        json.put("storage_type", "local").put("cpu_type", source.get("cpu").asText());
        json.put("architecture", type.architecture).put("included_traffic", 0); // each location's price has it
        boolean goneEverywhere = type.locations.isEmpty();
        json.put("deprecated", goneEverywhere);
        if (goneEverywhere) json.set("deprecation", deprecation());
        else json.putNull("deprecation");
        var where = json.putArray("locations");
        for (String location : type.locations) {
            where.add(at(location)
                    .put("available", knobs.available(type.name, location))
                    .put("recommended", false)
                    .set("deprecation", json.nullNode()));
        }
        for (String location : type.gone) {
            where.add(at(location)
                    .put("available", false)
                    .put("recommended", false)
                    .set("deprecation", deprecation()));
        }
        json.set("prices", prices(type));
        return json;
    }

    private ObjectNode at(String location) {
        return ApiResponse.Json.object()
                .put("id", locations.get(location).get("id").asLong())
                .put("name", location);
    }

    private static ObjectNode deprecation() {
        return ApiResponse.Json.object()
                .put("announced", "2025-10-16T00:00:00Z")
                .put("unavailable_after", "2025-12-31T00:00:00Z");
    }

    JsonNode prices(ServerType type) {
        var prices = ApiResponse.Json.object().arrayNode();
        double monthly = type.source.get("monthly").asDouble();
        for (String location : type.locations) {
            boolean europe =
                    locations.get(location).get("network_zone").asText().equals("eu-central");
            var price = prices.addObject().put("location", location);
            price.set("price_hourly", money(monthly / 624));
            price.set("price_monthly", money(monthly));
            price.put("included_traffic", (europe ? GIB_TRAFFIC_EU : GIB_TRAFFIC_US) * 1024L * 1024 * 1024);
            price.set("price_per_tb_traffic", money(europe ? 1.0 : 7.4));
        }
        return prices;
    }

    /** Amounts are strings with ten decimals; gross is net, as for a customer without VAT. */
    static ObjectNode money(double amount) {
        String text = String.format(Locale.ROOT, "%.10f", amount);
        return ApiResponse.Json.object().put("net", text).put("gross", text);
    }
}
