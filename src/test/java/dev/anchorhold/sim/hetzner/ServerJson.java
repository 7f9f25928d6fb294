package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;

/** Writes a server as the API shows it, all keys present (providers.md A.4). */
final class ServerJson {
    private final HetznerState state;
    private final Images images;
    private final PlacementGroups placementGroups;
    private final ServerLocks locks;

    ServerJson(HetznerState state, Images images, PlacementGroups placementGroups, ServerLocks locks) {
        this.state = state;
        this.images = images;
        this.placementGroups = placementGroups;
        this.locks = locks;
    }

    ObjectNode of(HetznerRow.Server server) {
        var json = ApiResponse.Json.object();
        json.put("id", server.id).put("name", server.name).put("status", server.status);
        json.put("created", HetznerState.time(server.created));
        json.set("public_net", publicNet(server));
        json.putArray("private_net");
        var type = state.catalogue.serverType(server.serverType).orElseThrow();
        json.set("server_type", state.catalogue.json(type, state.knobs));
        json.set("location", state.catalogue.locations.get(server.location));
        json.set("image", images.jsonOrNull(server.image));
        json.putNull("iso")
                .put("rescue_enabled", server.rescueUntil != null && state.now().isBefore(server.rescueUntil))
                .put("locked", locks.held(server));
        json.put("backup_window", server.backupWindow);
        json.put("outgoing_traffic", 0).put("ingoing_traffic", 0);
        json.set("included_traffic", includedTraffic(type, server.location));
        json.putObject("protection").put("delete", server.deleteProtected).put("rebuild", server.rebuildProtected);
        json.set("labels", Labels.json(server.labels));
        server.volumes.forEach(json.putArray("volumes")::add);
        json.putArray("load_balancers");
        json.put("primary_disk_size", server.diskGb);
        json.set("placement_group", placementGroup(server));
        return json;
    }

    private JsonNode includedTraffic(SimulatedCatalogue.ServerType type, String location) {
        for (var price : state.catalogue.prices(type)) {
            if (price.path("location").asText().equals(location)) return price.get("included_traffic");
        }
        return LongNode.valueOf(0);
    }

    private ObjectNode placementGroup(HetznerRow.Server server) {
        if (server.placementGroup == null) return null;
        return state.tables
                .find(HetznerRow.PlacementGroup.class, server.placementGroup)
                .map(placementGroups::json)
                .orElse(null);
    }

    private ObjectNode publicNet(HetznerRow.Server server) {
        var net = ApiResponse.Json.object();
        net.set("ipv4", address(server.ipv4));
        net.set("ipv6", address(server.ipv6));
        net.putArray("floating_ips");
        var firewalls = net.putArray("firewalls");
        server.firewalls.forEach(
                applied -> firewalls.addObject().put("id", applied.id).put("status", applied.status));
        return net;
    }

    private ObjectNode address(Long id) {
        if (id == null) return null;
        return state.tables
                .find(HetznerRow.PrimaryIp.class, id)
                .map(ip -> {
                    var json = ApiResponse.Json.object()
                            .put("id", ip.id)
                            .put("ip", ip.ip)
                            .put("blocked", false);
                    if (ip.type.equals("ipv6")) json.set("dns_ptr", PrimaryIps.pointers(ip.dnsPtr));
                    else json.put("dns_ptr", ip.dnsPtr.get(ip.ip));
                    return json;
                })
                .orElse(null);
    }
}
