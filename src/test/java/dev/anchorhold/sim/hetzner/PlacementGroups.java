package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;

/** {@code /placement_groups}: spread only; the servers are those that name it. */
final class PlacementGroups {
    static final int MOST_SERVERS = 10;

    private final Cloud cloud;

    PlacementGroups(Cloud cloud, Router<Call> router) {
        this.cloud = cloud;
        router.add(
                "GET",
                "/placement_groups",
                call -> Listing.of(
                        call, cloud.now(), "placement_groups", cloud.store.all(Row.PlacementGroup.class), this::json));
        router.add("POST", "/placement_groups", this::create);
        router.add("GET", "/placement_groups/{id}", call -> Answer.ok("placement_group", json(own(call))));
        router.add("PUT", "/placement_groups/{id}", this::update);
        router.add("DELETE", "/placement_groups/{id}", this::delete);
    }

    private Row.PlacementGroup own(Call call) {
        return cloud.own(call, Row.PlacementGroup.class, call.id("id", "placement_group"), "placement_group");
    }

    private Answer create(Call call) {
        var input = call.input();
        String name = input.requiredText("name");
        if (!input.requiredText("type").equals("spread")) throw ApiError.invalid("type", "must be spread");
        var labels = input.labels();
        if (cloud.nameTaken(call, Row.PlacementGroup.class, name, 0)) {
            throw ApiError.taken("name", "placement group name is already used");
        }
        var group = cloud.born(new Row.PlacementGroup(), call, name);
        group.labels = labels;
        cloud.store.put(group);
        return Answer.created(Answer.Json.object().putNull("action").set("placement_group", json(group)));
    }

    private Answer update(Call call) {
        var group = own(call);
        var input = call.input();
        String name = input.text("name");
        if (name != null && cloud.nameTaken(call, Row.PlacementGroup.class, name, group.id)) {
            throw ApiError.taken("name", "placement group name is already used");
        }
        if (input.has("labels")) cloud.relabel(group, input.labels());
        if (name != null) group.name = name;
        cloud.store.put(group);
        return Answer.ok("placement_group", json(group));
    }

    private Answer delete(Call call) {
        var group = own(call);
        cloud.store
                .all(Row.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == group.id)
                .toList()
                .forEach(server -> {
                    server.placementGroup = null;
                    cloud.store.put(server);
                });
        cloud.store.remove(group);
        return Answer.EMPTY;
    }

    /** The group, if it has room for one more server. */
    Row.PlacementGroup withRoom(Call call, long id) {
        var group = cloud.own(call, Row.PlacementGroup.class, id, "placement_group");
        long members = cloud.store
                .all(Row.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == id)
                .count();
        if (members >= MOST_SERVERS) {
            throw ApiError.unprocessable("placement_error", "the placement group is full");
        }
        return group;
    }

    ObjectNode json(Row.PlacementGroup group) {
        var json = Answer.Json.object().put("id", group.id).put("name", group.name);
        json.put("type", "spread").put("created", Cloud.time(group.created));
        json.set("labels", Labels.json(group.labels));
        var servers = json.putArray("servers");
        cloud.store
                .all(Row.Server.class)
                .filter(server -> server.placementGroup != null && server.placementGroup == group.id)
                .forEach(server -> servers.add(server.id));
        return json;
    }
}
