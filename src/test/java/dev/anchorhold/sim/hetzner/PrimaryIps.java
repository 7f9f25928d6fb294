package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Handlers of {@code /primary_ips} (providers.md A.8); also creates the addresses of new servers. */
final class PrimaryIps {
    private final HetznerState state;
    private final AddressPool addresses;

    PrimaryIps(HetznerState state, Router<HetznerRequest> router) {
        this.state = state;
        this.addresses = new AddressPool(state.tables);
        router.add("GET", "/primary_ips", request -> {
            String ip = request.one("ip");
            var rows = state.tables.all(HetznerRow.PrimaryIp.class).filter(row -> ip == null || ip.equals(row.ip));
            return ListEndpoint.of(request, state.now(), "primary_ips", rows, this::json);
        });
        router.add("POST", "/primary_ips", this::create);
        router.add("GET", "/primary_ips/{id}", request -> ApiResponse.ok("primary_ip", json(own(request))));
        router.add("PUT", "/primary_ips/{id}", this::update);
        router.add("DELETE", "/primary_ips/{id}", this::delete);
        router.add("POST", "/primary_ips/{id}/actions/assign", this::assign);
        router.add("POST", "/primary_ips/{id}/actions/unassign", this::unassign);
        router.add("POST", "/primary_ips/{id}/actions/change_dns_ptr", this::changeDnsPtr);
        router.add("POST", "/primary_ips/{id}/actions/change_protection", request -> {
            var ip = own(request);
            ip.deleteProtected = request.input().flag("delete", ip.deleteProtected);
            return changed(ip, "change_protection");
        });
        state.actions.on(
                "assign_primary_ip",
                action -> find(action.target("primary_ip")).ifPresent(ip -> setAssignee(ip, action.target("server"))));
        state.actions.on(
                "unassign_primary_ip",
                action -> find(action.target("primary_ip")).ifPresent(this::clearAssignee));
    }

    private HetznerRow.PrimaryIp own(HetznerRequest request) {
        return state.own(request, HetznerRow.PrimaryIp.class, request.id("id", "primary_ip"), "primary_ip");
    }

    private Optional<HetznerRow.PrimaryIp> find(long id) {
        return state.tables.find(HetznerRow.PrimaryIp.class, id);
    }

    private ApiResponse create(HetznerRequest request) {
        var fields = request.input();
        String name = fields.requiredText("name");
        String type = fields.requiredText("type");
        if (!type.equals("ipv4") && !type.equals("ipv6")) throw HetznerApiError.invalid("type", "must be ipv4 or ipv6");
        var labels = fields.labels();
        HetznerRow.Server server = fields.has("assignee_id")
                ? state.own(request, HetznerRow.Server.class, fields.id("assignee_id"), "server")
                : null;
        String location = server != null ? server.location : location(fields);
        if (server != null) checkOff(server);
        if (state.nameTaken(request, HetznerRow.PrimaryIp.class, name, 0)) {
            throw HetznerApiError.taken("name", "primary IP name is already used");
        }
        checkQuota();
        var ip = create(request, name, type, location, fields.flag("auto_delete", false));
        ip.labels = labels;
        var body = ApiResponse.Json.object();
        if (server == null) {
            body.putNull("action");
        } else {
            body.set("action", state.actions.json(start(ip, "assign_primary_ip", server.id)));
        }
        return ApiResponse.created(body.set("primary_ip", json(ip)));
    }

    private String location(RequestFields fields) {
        return state.catalogue
                .location(fields.requiredIdOrName("location"))
                .orElseThrow(() -> HetznerApiError.invalid("location", "location not found"));
    }

    void checkQuota() {
        if (state.tables.count(HetznerRow.PrimaryIp.class) >= state.knobs.primaryIpLimit) {
            throw HetznerApiError.limit("primary_ip_limit", "Primary IP limit exceeded");
        }
    }

    /** A new address; the caller assigns it. */
    HetznerRow.PrimaryIp create(HetznerRequest request, String name, String type, String location, boolean autoDelete) {
        var ip = state.initialize(new HetznerRow.PrimaryIp(), request, name);
        ip.type = type;
        ip.location = location;
        ip.autoDelete = autoDelete;
        boolean four = type.equals("ipv4");
        ip.ip = four ? addresses.nextIpv4() : addresses.nextIpv6Network();
        if (name == null) ip.name = "primary_ip-" + ip.id;
        if (four) ip.dnsPtr.put(ip.ip, defaultPointer(ip.ip));
        state.tables.put(ip);
        return ip;
    }

    private static String defaultPointer(String ipv4) {
        var parts = List.of(ipv4.split("\\."));
        return "static." + String.join(".", parts.reversed()) + ".clients.example";
    }

    void setAssignee(HetznerRow.PrimaryIp ip, long serverId) {
        ip.assignee = serverId;
        state.tables.put(ip);
        state.tables.find(HetznerRow.Server.class, serverId).ifPresent(server -> {
            if (ip.type.equals("ipv4")) server.ipv4 = ip.id;
            else server.ipv6 = ip.id;
            state.tables.put(server);
        });
    }

    private void clearAssignee(HetznerRow.PrimaryIp ip) {
        state.tables.find(HetznerRow.Server.class, ip.assignee).ifPresent(server -> {
            if (ip.type.equals("ipv4")) server.ipv4 = null;
            else server.ipv6 = null;
            state.tables.put(server);
        });
        ip.assignee = null;
        state.tables.put(ip);
    }

    /** A deleted server's addresses: those created for it are deleted with it, the rest stays and is billed. */
    void serverDeleted(HetznerRow.Server server) {
        for (HetznerRow.PrimaryIp ip :
                state.tables.all(HetznerRow.PrimaryIp.class).toList()) {
            if (ip.assignee == null || ip.assignee != server.id) continue;
            if (ip.autoDelete) {
                state.tables.remove(ip);
            } else {
                ip.assignee = null;
                state.tables.put(ip);
            }
        }
    }

    private ApiResponse update(HetznerRequest request) {
        var ip = own(request);
        var fields = request.input();
        String name = fields.text("name");
        if (name != null && state.nameTaken(request, HetznerRow.PrimaryIp.class, name, ip.id)) {
            throw HetznerApiError.taken("name", "primary IP name is already used");
        }
        if (fields.has("labels")) state.relabel(ip, fields.labels());
        if (name != null) ip.name = name;
        ip.autoDelete = fields.flag("auto_delete", ip.autoDelete);
        state.tables.put(ip);
        return ApiResponse.ok("primary_ip", json(ip));
    }

    private ApiResponse delete(HetznerRequest request) {
        var ip = own(request);
        if (ip.deleteProtected) throw HetznerApiError.protectedFrom("primary IP");
        if (ip.assignee != null) {
            throw HetznerApiError.unprocessable("must_be_unassigned", "the primary IP must be unassigned first");
        }
        state.tables.remove(ip);
        return ApiResponse.EMPTY;
    }

    private ApiResponse assign(HetznerRequest request) {
        var ip = own(request);
        var fields = request.input();
        var server = state.own(request, HetznerRow.Server.class, fields.requiredId("assignee_id"), "server");
        if (ip.assignee != null)
            throw HetznerApiError.unprocessable("primary_ip_assigned", "primary IP is already assigned");
        if (!ip.location.equals(server.location)) {
            throw HetznerApiError.unprocessable(
                    "primary_ip_datacenter_mismatch", "server and primary IP are not in the same location");
        }
        checkOff(server);
        boolean has = ip.type.equals("ipv4") ? server.ipv4 != null : server.ipv6 != null;
        if (has)
            throw HetznerApiError.unprocessable(
                    "server_has_" + ip.type, "server already has a primary IP of this type");
        return ApiResponse.created("action", state.actions.json(start(ip, "assign_primary_ip", server.id)));
    }

    private ApiResponse unassign(HetznerRequest request) {
        var ip = own(request);
        if (ip.assignee == null)
            throw HetznerApiError.unprocessable("primary_ip_not_assigned", "primary IP is not assigned");
        checkOff(state.own(request, HetznerRow.Server.class, ip.assignee, "server"));
        return ApiResponse.created("action", state.actions.json(start(ip, "unassign_primary_ip", ip.assignee)));
    }

    private static void checkOff(HetznerRow.Server server) {
        if (!server.status.equals("off")) {
            throw HetznerApiError.unprocessable("server_not_stopped", "the server must be stopped");
        }
    }

    private HetznerRow.Action start(HetznerRow.PrimaryIp ip, String command, long server) {
        return state.actions.start(
                ip.project,
                command,
                List.of(HetznerRow.Target.of("primary_ip", ip.id), HetznerRow.Target.of("server", server)));
    }

    private ApiResponse changeDnsPtr(HetznerRequest request) {
        var ip = own(request);
        setDnsPtr(ip, request.input());
        return changed(ip, "change_dns_ptr");
    }

    void setDnsPtr(HetznerRow.PrimaryIp ip, RequestFields fields) {
        String address = fields.requiredText("ip");
        String pointer = fields.text("dns_ptr");
        if (pointer != null) ip.dnsPtr.put(address, pointer);
        else if (ip.type.equals("ipv4")) ip.dnsPtr.put(address, defaultPointer(address));
        else ip.dnsPtr.remove(address);
        state.tables.put(ip);
    }

    private ApiResponse changed(HetznerRow.PrimaryIp ip, String command) {
        state.tables.put(ip);
        var action = state.actions.start(ip.project, command, List.of(HetznerRow.Target.of("primary_ip", ip.id)));
        return ApiResponse.created("action", state.actions.json(action));
    }

    private ObjectNode json(HetznerRow.PrimaryIp ip) {
        var json =
                ApiResponse.Json.object().put("id", ip.id).put("name", ip.name).put("ip", ip.ip);
        json.put("type", ip.type).put("assignee_id", ip.assignee);
        json.put("assignee_type", ip.assignee == null ? "unassigned" : "server");
        json.put("auto_delete", ip.autoDelete).put("blocked", false).put("created", HetznerState.time(ip.created));
        json.set("location", state.catalogue.locations.get(ip.location));
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
