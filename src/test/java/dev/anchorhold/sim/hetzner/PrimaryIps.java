package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /primary_ips} (providers.md A.8), and the addresses that servers are born with. */
final class PrimaryIps {
    private final Cloud cloud;
    private final Addresses addresses;

    PrimaryIps(Cloud cloud, Router<Call> router) {
        this.cloud = cloud;
        this.addresses = new Addresses(cloud.store);
        router.add("GET", "/primary_ips", call -> {
            String ip = call.one("ip");
            var rows = cloud.store.all(Row.PrimaryIp.class).filter(row -> ip == null || ip.equals(row.ip));
            return Listing.of(call, cloud.now(), "primary_ips", rows, this::json);
        });
        router.add("POST", "/primary_ips", this::create);
        router.add("GET", "/primary_ips/{id}", call -> Answer.ok("primary_ip", json(own(call))));
        router.add("PUT", "/primary_ips/{id}", this::update);
        router.add("DELETE", "/primary_ips/{id}", this::delete);
        router.add("POST", "/primary_ips/{id}/actions/assign", this::assign);
        router.add("POST", "/primary_ips/{id}/actions/unassign", this::unassign);
        router.add("POST", "/primary_ips/{id}/actions/change_dns_ptr", this::changeDnsPtr);
        router.add("POST", "/primary_ips/{id}/actions/change_protection", call -> {
            var ip = own(call);
            ip.deleteProtected = call.input().flag("delete", ip.deleteProtected);
            return changed(ip, "change_protection");
        });
        cloud.actions.on(
                "assign_primary_ip",
                action -> find(action.target("primary_ip")).ifPresent(ip -> put(ip, action.target("server"))));
        cloud.actions.on(
                "unassign_primary_ip",
                action -> find(action.target("primary_ip")).ifPresent(this::take));
    }

    private Row.PrimaryIp own(Call call) {
        return cloud.own(call, Row.PrimaryIp.class, call.id("id", "primary_ip"), "primary_ip");
    }

    private Optional<Row.PrimaryIp> find(long id) {
        return cloud.store.find(Row.PrimaryIp.class, id);
    }

    private Answer create(Call call) {
        var input = call.input();
        String name = input.requiredText("name");
        String type = input.requiredText("type");
        if (!type.equals("ipv4") && !type.equals("ipv6")) throw ApiError.invalid("type", "must be ipv4 or ipv6");
        var labels = input.labels();
        Row.Server server =
                input.has("assignee_id") ? cloud.own(call, Row.Server.class, input.id("assignee_id"), "server") : null;
        String location = server != null ? server.location : location(input);
        if (server != null) refuseUnlessOff(server);
        if (cloud.nameTaken(call, Row.PrimaryIp.class, name, 0)) {
            throw ApiError.taken("name", "primary IP name is already used");
        }
        refuseIfTooMany();
        var ip = make(call, name, type, location, input.flag("auto_delete", false));
        ip.labels = labels;
        var body = Answer.Json.object();
        if (server == null) {
            body.putNull("action");
        } else {
            body.set("action", cloud.actions.json(start(ip, "assign_primary_ip", server.id)));
        }
        return Answer.created(body.set("primary_ip", json(ip)));
    }

    private String location(Input input) {
        return cloud.catalogue
                .location(input.requiredIdOrName("location"))
                .orElseThrow(() -> ApiError.invalid("location", "location not found"));
    }

    void refuseIfTooMany() {
        if (cloud.store.count(Row.PrimaryIp.class) >= cloud.knobs.primaryIpLimit) {
            throw ApiError.limit("primary_ip_limit", "Primary IP limit exceeded");
        }
    }

    /** A new address; the caller assigns it. */
    Row.PrimaryIp make(Call call, String name, String type, String location, boolean autoDelete) {
        var ip = cloud.born(new Row.PrimaryIp(), call, name);
        ip.type = type;
        ip.location = location;
        ip.autoDelete = autoDelete;
        boolean four = type.equals("ipv4");
        ip.ip = four ? addresses.nextIpv4() : addresses.nextIpv6Network();
        if (name == null) ip.name = "primary_ip-" + ip.id;
        if (four) ip.dnsPtr.put(ip.ip, "static." + reversed(ip.ip) + ".clients.example");
        cloud.store.put(ip);
        return ip;
    }

    private static String reversed(String ipv4) {
        var parts = List.of(ipv4.split("\\."));
        return String.join(".", parts.reversed());
    }

    void put(Row.PrimaryIp ip, long serverId) {
        ip.assignee = serverId;
        cloud.store.put(ip);
        cloud.store.find(Row.Server.class, serverId).ifPresent(server -> {
            if (ip.type.equals("ipv4")) server.ipv4 = ip.id;
            else server.ipv6 = ip.id;
            cloud.store.put(server);
        });
    }

    private void take(Row.PrimaryIp ip) {
        cloud.store.find(Row.Server.class, ip.assignee).ifPresent(server -> {
            if (ip.type.equals("ipv4")) server.ipv4 = null;
            else server.ipv6 = null;
            cloud.store.put(server);
        });
        ip.assignee = null;
        cloud.store.put(ip);
    }

    /** A deleted server's addresses: what was made for it goes with it, the rest stays and is billed. */
    void serverGone(Row.Server server) {
        for (Row.PrimaryIp ip : cloud.store.all(Row.PrimaryIp.class).toList()) {
            if (ip.assignee == null || ip.assignee != server.id) continue;
            if (ip.autoDelete) {
                cloud.store.remove(ip);
            } else {
                ip.assignee = null;
                cloud.store.put(ip);
            }
        }
    }

    private Answer update(Call call) {
        var ip = own(call);
        var input = call.input();
        String name = input.text("name");
        if (name != null && cloud.nameTaken(call, Row.PrimaryIp.class, name, ip.id)) {
            throw ApiError.taken("name", "primary IP name is already used");
        }
        if (input.has("labels")) cloud.relabel(ip, input.labels());
        if (name != null) ip.name = name;
        ip.autoDelete = input.flag("auto_delete", ip.autoDelete);
        cloud.store.put(ip);
        return Answer.ok("primary_ip", json(ip));
    }

    private Answer delete(Call call) {
        var ip = own(call);
        if (ip.deleteProtected) throw ApiError.protectedFrom("primary IP");
        if (ip.assignee != null) {
            throw ApiError.unprocessable("must_be_unassigned", "the primary IP must be unassigned first");
        }
        cloud.store.remove(ip);
        return Answer.EMPTY;
    }

    private Answer assign(Call call) {
        var ip = own(call);
        var input = call.input();
        var server = cloud.own(call, Row.Server.class, input.requiredId("assignee_id"), "server");
        if (ip.assignee != null) throw ApiError.unprocessable("primary_ip_assigned", "primary IP is already assigned");
        if (!ip.location.equals(server.location)) {
            throw ApiError.unprocessable(
                    "primary_ip_datacenter_mismatch", "server and primary IP are not in the same location");
        }
        refuseUnlessOff(server);
        boolean has = ip.type.equals("ipv4") ? server.ipv4 != null : server.ipv6 != null;
        if (has) throw ApiError.unprocessable("server_has_" + ip.type, "server already has a primary IP of this type");
        return Answer.created("action", cloud.actions.json(start(ip, "assign_primary_ip", server.id)));
    }

    private Answer unassign(Call call) {
        var ip = own(call);
        if (ip.assignee == null) throw ApiError.unprocessable("primary_ip_not_assigned", "primary IP is not assigned");
        refuseUnlessOff(cloud.own(call, Row.Server.class, ip.assignee, "server"));
        return Answer.created("action", cloud.actions.json(start(ip, "unassign_primary_ip", ip.assignee)));
    }

    private static void refuseUnlessOff(Row.Server server) {
        if (!server.status.equals("off")) {
            throw ApiError.unprocessable("server_not_stopped", "the server must be stopped");
        }
    }

    private Row.Action start(Row.PrimaryIp ip, String command, long server) {
        return cloud.actions.start(
                ip.project, command, List.of(Row.Target.of("primary_ip", ip.id), Row.Target.of("server", server)));
    }

    private Answer changeDnsPtr(Call call) {
        var ip = own(call);
        setDnsPtr(ip, call.input());
        return changed(ip, "change_dns_ptr");
    }

    void setDnsPtr(Row.PrimaryIp ip, Input input) {
        String address = input.requiredText("ip");
        String pointer = input.text("dns_ptr");
        if (pointer == null) ip.dnsPtr.remove(address);
        else ip.dnsPtr.put(address, pointer);
        cloud.store.put(ip);
    }

    private Answer changed(Row.PrimaryIp ip, String command) {
        cloud.store.put(ip);
        var action = cloud.actions.start(ip.project, command, List.of(Row.Target.of("primary_ip", ip.id)));
        return Answer.created("action", cloud.actions.json(action));
    }

    private ObjectNode json(Row.PrimaryIp ip) {
        var json = Answer.Json.object().put("id", ip.id).put("name", ip.name).put("ip", ip.ip);
        json.put("type", ip.type).put("assignee_id", ip.assignee);
        json.put("assignee_type", ip.assignee == null ? "unassigned" : "server");
        json.put("auto_delete", ip.autoDelete).put("blocked", false).put("created", Cloud.time(ip.created));
        json.set("location", cloud.catalogue.locations.get(ip.location));
        json.set("dns_ptr", pointers(ip.dnsPtr));
        json.set("labels", Labels.json(ip.labels));
        json.putObject("protection").put("delete", ip.deleteProtected);
        return json;
    }

    static ArrayNode pointers(Map<String, String> pointers) {
        var json = Answer.Json.object().arrayNode();
        pointers.forEach((ip, pointer) -> json.addObject().put("ip", ip).put("dns_ptr", pointer));
        return json;
    }
}
