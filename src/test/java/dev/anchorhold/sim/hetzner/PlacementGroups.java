package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/** {@code /placement_groups}: spread only; the servers are those that name it. */
final class PlacementGroups {
    static final int MAX_SERVERS = 10;

    private final HetznerState hetznerState;

    PlacementGroups(HetznerState hetznerState, Router<HetznerRequest> router) {
        this.hetznerState = hetznerState;
        router.add(
                "GET",
                "/placement_groups",
                hetznerRequest -> ListEndpoint.of(
                        hetznerRequest,
                        hetznerState.now(),
                        "placement_groups",
                        hetznerState.hetznerTables.all(HetznerRow.PlacementGroup.class),
                        this::json));
        router.add("POST", "/placement_groups", this::create);
        router.add(
                "GET",
                "/placement_groups/{id}",
                hetznerRequest -> ApiResponse.ok("placement_group", json(own(hetznerRequest))));
        router.add("PUT", "/placement_groups/{id}", this::update);
        router.add("DELETE", "/placement_groups/{id}", this::delete);
    }

    private HetznerRow.PlacementGroup own(HetznerRequest hetznerRequest) {
        return hetznerState.own(
                hetznerRequest,
                HetznerRow.PlacementGroup.class,
                hetznerRequest.id("id", "placement_group"),
                "placement_group");
    }

    private ApiResponse create(HetznerRequest hetznerRequest) {
        var requestFields = hetznerRequest.input();
        String name = requestFields.requiredText("name");
        if (!requestFields.requiredText("type").equals("spread"))
            throw HetznerApiError.invalid("type", "must be spread");
        var labels = requestFields.labels();
        if (hetznerState.nameTaken(hetznerRequest, HetznerRow.PlacementGroup.class, name, 0)) {
            throw HetznerApiError.taken("name", "placement group name is already used");
        }
        var group = hetznerState.born(new HetznerRow.PlacementGroup(), hetznerRequest, name);
        group.labels = labels;
        hetznerState.hetznerTables.put(group);
        return ApiResponse.created(ApiResponse.Json.object().putNull("action").set("placement_group", json(group)));
    }

    private ApiResponse update(HetznerRequest hetznerRequest) {
        var group = own(hetznerRequest);
        var requestFields = hetznerRequest.input();
        String name = requestFields.text("name");
        if (name != null && hetznerState.nameTaken(hetznerRequest, HetznerRow.PlacementGroup.class, name, group.id)) {
            throw HetznerApiError.taken("name", "placement group name is already used");
        }
        if (requestFields.has("labels")) hetznerState.relabel(group, requestFields.labels());
        if (name != null) group.name = name;
        hetznerState.hetznerTables.put(group);
        return ApiResponse.ok("placement_group", json(group));
    }

    private ApiResponse delete(HetznerRequest hetznerRequest) {
        var group = own(hetznerRequest);
        hetznerState
                .hetznerTables
                .all(HetznerRow.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == group.id)
                .toList()
                .forEach(server -> {
                    server.placementGroup = null;
                    hetznerState.hetznerTables.put(server);
                });
        hetznerState.hetznerTables.remove(group);
        return ApiResponse.EMPTY;
    }

    /** The group, if it has room for one more server. */
    HetznerRow.PlacementGroup withRoom(HetznerRequest hetznerRequest, long id) {
        var group = hetznerState.own(hetznerRequest, HetznerRow.PlacementGroup.class, id, "placement_group");
        long members = hetznerState
                .hetznerTables
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
        hetznerState
                .hetznerTables
                .all(HetznerRow.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == group.id)
                .forEach(server -> servers.add(server.id));
        return json;
    }
}
