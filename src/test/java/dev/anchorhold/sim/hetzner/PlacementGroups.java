package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/** Handlers of {@code /placement_groups}: spread only; the members are the servers that name it. */
final class PlacementGroups {
    static final int MAX_SERVERS = 10;

    private final HetznerState state;

    PlacementGroups(HetznerState state, Router<HetznerRequest> router) {
        this.state = state;
        router.add(
                "GET",
                "/placement_groups",
                request -> ListEndpoint.of(
                        request,
                        state.now(),
                        "placement_groups",
                        state.tables.all(HetznerRow.PlacementGroup.class),
                        this::json));
        router.add("POST", "/placement_groups", this::create);
        router.add("GET", "/placement_groups/{id}", request -> ApiResponse.ok("placement_group", json(own(request))));
        router.add("PUT", "/placement_groups/{id}", this::update);
        router.add("DELETE", "/placement_groups/{id}", this::delete);
    }

    private HetznerRow.PlacementGroup own(HetznerRequest request) {
        return state.own(
                request, HetznerRow.PlacementGroup.class, request.id("id", "placement_group"), "placement_group");
    }

    private ApiResponse create(HetznerRequest request) {
        var fields = request.input();
        String name = fields.requiredText("name");
        if (!fields.requiredText("type").equals("spread")) throw HetznerApiError.invalid("type", "must be spread");
        var labels = fields.labels();
        if (state.nameTaken(request, HetznerRow.PlacementGroup.class, name, 0)) {
            throw HetznerApiError.taken("name", "placement group name is already used");
        }
        var group = state.initialize(new HetznerRow.PlacementGroup(), request, name);
        group.labels = labels;
        state.tables.put(group);
        return ApiResponse.created(ApiResponse.Json.object().putNull("action").set("placement_group", json(group)));
    }

    private ApiResponse update(HetznerRequest request) {
        var group = own(request);
        var fields = request.input();
        String name = fields.text("name");
        if (name != null && state.nameTaken(request, HetznerRow.PlacementGroup.class, name, group.id)) {
            throw HetznerApiError.taken("name", "placement group name is already used");
        }
        if (fields.has("labels")) state.relabel(group, fields.labels());
        if (name != null) group.name = name;
        state.tables.put(group);
        return ApiResponse.ok("placement_group", json(group));
    }

    private ApiResponse delete(HetznerRequest request) {
        var group = own(request);
        state.tables
                .all(HetznerRow.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == group.id)
                .toList()
                .forEach(server -> {
                    server.placementGroup = null;
                    state.tables.put(server);
                });
        state.tables.remove(group);
        return ApiResponse.EMPTY;
    }

    /** The group, if it can take one more server. */
    HetznerRow.PlacementGroup withCapacity(HetznerRequest request, long id) {
        var group = state.own(request, HetznerRow.PlacementGroup.class, id, "placement_group");
        long members = state.tables
                .all(HetznerRow.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == id)
                .count();
        if (members >= MAX_SERVERS) {
            throw HetznerApiError.unprocessable("placement_error", "the placement group is full");
        }
        return group;
    }

    ObjectNode json(HetznerRow.PlacementGroup group) {
        var json = ApiResponse.Json.object().put("id", group.id).put("name", group.name);
        json.put("type", "spread").put("created", HetznerState.time(group.created));
        json.set("labels", Labels.json(group.labels));
        var servers = json.putArray("servers");
        state.tables
                .all(HetznerRow.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == group.id)
                .forEach(server -> servers.add(server.id));
        return json;
    }
}
