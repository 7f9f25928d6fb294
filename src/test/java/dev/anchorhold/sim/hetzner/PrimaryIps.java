package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /primary_ips} (providers.md A.8), and the addresses that servers are born with. */
final class PrimaryIps {
    private final HetznerState hetznerState;
    private final AddressPool addressPool;

    PrimaryIps(HetznerState hetznerState, Router<HetznerRequest> router) {
        this.hetznerState = hetznerState;
        this.addressPool = new AddressPool(hetznerState.hetznerTables);
        router.add("GET", "/primary_ips", hetznerRequest -> {
            String ip = hetznerRequest.one("ip");
            var rows = hetznerState
                    .hetznerTables
                    .all(HetznerRow.PrimaryIp.class)
                    .filter(row -> ip == null || ip.equals(row.ip));
            return ListEndpoint.of(hetznerRequest, hetznerState.now(), "primary_ips", rows, this::json);
        });
        router.add("POST", "/primary_ips", this::create);
        router.add(
                "GET", "/primary_ips/{id}", hetznerRequest -> ApiResponse.ok("primary_ip", json(own(hetznerRequest))));
        router.add("PUT", "/primary_ips/{id}", this::update);
        router.add("DELETE", "/primary_ips/{id}", this::delete);
        router.add("POST", "/primary_ips/{id}/actions/assign", this::assign);
        router.add("POST", "/primary_ips/{id}/actions/unassign", this::unassign);
        router.add("POST", "/primary_ips/{id}/actions/change_dns_ptr", this::changeDnsPtr);
        router.add("POST", "/primary_ips/{id}/actions/change_protection", hetznerRequest -> {
            var ip = own(hetznerRequest);
            ip.deleteProtected = hetznerRequest.input().flag("delete", ip.deleteProtected);
            return changed(ip, "change_protection");
        });
        hetznerState.actions.on(
                "assign_primary_ip",
                action -> find(action.target("primary_ip")).ifPresent(ip -> put(ip, action.target("server"))));
        hetznerState.actions.on(
                "unassign_primary_ip",
                action -> find(action.target("primary_ip")).ifPresent(this::take));
    }

    private HetznerRow.PrimaryIp own(HetznerRequest hetznerRequest) {
        return hetznerState.own(
                hetznerRequest, HetznerRow.PrimaryIp.class, hetznerRequest.id("id", "primary_ip"), "primary_ip");
    }

    private Optional<HetznerRow.PrimaryIp> find(long id) {
        return hetznerState.hetznerTables.find(HetznerRow.PrimaryIp.class, id);
    }

    private ApiResponse create(HetznerRequest hetznerRequest) {
        var requestFields = hetznerRequest.input();
        String name = requestFields.requiredText("name");
        String type = requestFields.requiredText("type");
        if (!type.equals("ipv4") && !type.equals("ipv6")) throw HetznerApiError.invalid("type", "must be ipv4 or ipv6");
        var labels = requestFields.labels();
        HetznerRow.Server server = requestFields.has("assignee_id")
                ? hetznerState.own(hetznerRequest, HetznerRow.Server.class, requestFields.id("assignee_id"), "server")
                : null;
        String location = server != null ? server.location : location(requestFields);
        if (server != null) refuseUnlessOff(server);
        if (hetznerState.nameTaken(hetznerRequest, HetznerRow.PrimaryIp.class, name, 0)) {
            throw HetznerApiError.taken("name", "primary IP name is already used");
        }
        refuseIfTooMany();
        var ip = make(hetznerRequest, name, type, location, requestFields.flag("auto_delete", false));
        ip.labels = labels;
        var body = ApiResponse.Json.object();
        if (server == null) {
            body.putNull("action");
        } else {
            body.set("action", hetznerState.actions.json(start(ip, "assign_primary_ip", server.id)));
        }
        return ApiResponse.created(body.set("primary_ip", json(ip)));
    }

    private String location(RequestFields requestFields) {
        return hetznerState
                .catalogue
                .location(requestFields.requiredIdOrName("location"))
                .orElseThrow(() -> HetznerApiError.invalid("location", "location not found"));
    }

    void refuseIfTooMany() {
        if (hetznerState.hetznerTables.count(HetznerRow.PrimaryIp.class) >= hetznerState.knobs.primaryIpLimit) {
            throw HetznerApiError.limit("primary_ip_limit", "Primary IP limit exceeded");
        }
    }

    /** A new address; the caller assigns it. */
    HetznerRow.PrimaryIp make(
            HetznerRequest hetznerRequest, String name, String type, String location, boolean autoDelete) {
        var ip = hetznerState.born(new HetznerRow.PrimaryIp(), hetznerRequest, name);
        ip.type = type;
        ip.location = location;
        ip.autoDelete = autoDelete;
        boolean four = type.equals("ipv4");
        ip.ip = four ? addressPool.nextIpv4() : addressPool.nextIpv6Network();
        if (name == null) ip.name = "primary_ip-" + ip.id;
        if (four) ip.dnsPtr.put(ip.ip, "static." + reversed(ip.ip) + ".clients.example");
        hetznerState.hetznerTables.put(ip);
        return ip;
    }

    private static String reversed(String ipv4) {
        var parts = List.of(ipv4.split("\\."));
        return String.join(".", parts.reversed());
    }

    void put(HetznerRow.PrimaryIp ip, long serverId) {
        ip.assignee = serverId;
        hetznerState.hetznerTables.put(ip);
        hetznerState.hetznerTables.find(HetznerRow.Server.class, serverId).ifPresent(server -> {
            if (ip.type.equals("ipv4")) server.ipv4 = ip.id;
            else server.ipv6 = ip.id;
            hetznerState.hetznerTables.put(server);
        });
    }

    private void take(HetznerRow.PrimaryIp ip) {
        hetznerState.hetznerTables.find(HetznerRow.Server.class, ip.assignee).ifPresent(server -> {
            if (ip.type.equals("ipv4")) server.ipv4 = null;
            else server.ipv6 = null;
            hetznerState.hetznerTables.put(server);
        });
        ip.assignee = null;
        hetznerState.hetznerTables.put(ip);
    }

    /** A deleted server's addresses: what was made for it goes with it, the rest stays and is billed. */
    void serverGone(HetznerRow.Server server) {
        for (HetznerRow.PrimaryIp ip :
                hetznerState.hetznerTables.all(HetznerRow.PrimaryIp.class).toList()) {
            if (ip.assignee == null || ip.assignee != server.id) continue;
            if (ip.autoDelete) {
                hetznerState.hetznerTables.remove(ip);
            } else {
                ip.assignee = null;
                hetznerState.hetznerTables.put(ip);
            }
        }
    }

    private ApiResponse update(HetznerRequest hetznerRequest) {
        var ip = own(hetznerRequest);
        var requestFields = hetznerRequest.input();
        String name = requestFields.text("name");
        if (name != null && hetznerState.nameTaken(hetznerRequest, HetznerRow.PrimaryIp.class, name, ip.id)) {
            throw HetznerApiError.taken("name", "primary IP name is already used");
        }
        if (requestFields.has("labels")) hetznerState.relabel(ip, requestFields.labels());
        if (name != null) ip.name = name;
        ip.autoDelete = requestFields.flag("auto_delete", ip.autoDelete);
        hetznerState.hetznerTables.put(ip);
        return ApiResponse.ok("primary_ip", json(ip));
    }

    private ApiResponse delete(HetznerRequest hetznerRequest) {
        var ip = own(hetznerRequest);
        if (ip.deleteProtected) throw HetznerApiError.protectedFrom("primary IP");
        if (ip.assignee != null) {
            throw HetznerApiError.unprocessable("must_be_unassigned", "the primary IP must be unassigned first");
        }
        hetznerState.hetznerTables.remove(ip);
        return ApiResponse.EMPTY;
    }

    private ApiResponse assign(HetznerRequest hetznerRequest) {
        var ip = own(hetznerRequest);
        var requestFields = hetznerRequest.input();
        var server = hetznerState.own(
                hetznerRequest, HetznerRow.Server.class, requestFields.requiredId("assignee_id"), "server");
        if (ip.assignee != null)
            throw HetznerApiError.unprocessable("primary_ip_assigned", "primary IP is already assigned");
        if (!ip.location.equals(server.location)) {
            throw HetznerApiError.unprocessable(
                    "primary_ip_datacenter_mismatch", "server and primary IP are not in the same location");
        }
        refuseUnlessOff(server);
        boolean has = ip.type.equals("ipv4") ? server.ipv4 != null : server.ipv6 != null;
        if (has)
            throw HetznerApiError.unprocessable(
                    "server_has_" + ip.type, "server already has a primary IP of this type");
        return ApiResponse.created("action", hetznerState.actions.json(start(ip, "assign_primary_ip", server.id)));
    }

    private ApiResponse unassign(HetznerRequest hetznerRequest) {
        var ip = own(hetznerRequest);
        if (ip.assignee == null)
            throw HetznerApiError.unprocessable("primary_ip_not_assigned", "primary IP is not assigned");
        refuseUnlessOff(hetznerState.own(hetznerRequest, HetznerRow.Server.class, ip.assignee, "server"));
        return ApiResponse.created("action", hetznerState.actions.json(start(ip, "unassign_primary_ip", ip.assignee)));
    }

    private static void refuseUnlessOff(HetznerRow.Server server) {
        if (!server.status.equals("off")) {
            throw HetznerApiError.unprocessable("server_not_stopped", "the server must be stopped");
        }
    }

    private HetznerRow.Action start(HetznerRow.PrimaryIp ip, String command, long server) {
        return hetznerState.actions.start(
                ip.project,
                command,
                List.of(HetznerRow.Target.of("primary_ip", ip.id), HetznerRow.Target.of("server", server)));
    }

    private ApiResponse changeDnsPtr(HetznerRequest hetznerRequest) {
        var ip = own(hetznerRequest);
        setDnsPtr(ip, hetznerRequest.input());
        return changed(ip, "change_dns_ptr");
    }

    void setDnsPtr(HetznerRow.PrimaryIp ip, RequestFields requestFields) {
        String address = requestFields.requiredText("ip");
        String pointer = requestFields.text("dns_ptr");
        if (pointer == null) ip.dnsPtr.remove(address);
        else ip.dnsPtr.put(address, pointer);
        hetznerState.hetznerTables.put(ip);
    }

    private ApiResponse changed(HetznerRow.PrimaryIp ip, String command) {
        hetznerState.hetznerTables.put(ip);
        var action =
                hetznerState.actions.start(ip.project, command, List.of(HetznerRow.Target.of("primary_ip", ip.id)));
        return ApiResponse.created("action", hetznerState.actions.json(action));
    }

    private ObjectNode json(HetznerRow.PrimaryIp ip) {
        var json =
                ApiResponse.Json.object().put("id", ip.id).put("name", ip.name).put("ip", ip.ip);
        json.put("type", ip.type).put("assignee_id", ip.assignee);
        json.put("assignee_type", ip.assignee == null ? "unassigned" : "server");
        json.put("auto_delete", ip.autoDelete).put("blocked", false).put("created", HetznerState.time(ip.created));
        json.set("location", hetznerState.catalogue.locations.get(ip.location));
        json.set("dns_ptr", pointers(ip.dnsPtr));
        json.set("labels", Labels.json(ip.labels));
        json.putObject("protection").put("delete", ip.deleteProtected);
        return json;
    }

    static ArrayNode pointers(Map<String, String> pointers) {
        var json = ApiResponse.Json.object().arrayNode();
        pointers.forEach((ip, pointer) -> json.addObject().put("ip", ip).put("dns_ptr", pointer));
        return json;
    }
}
