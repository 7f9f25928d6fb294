package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** {@code POST /servers} (providers.md A.4): everything is checked before anything is made. */
final class ServerCreation {
    private static final int MOST_USER_DATA = 32 * 1024;
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    private final Cloud cloud;
    private final ServerJson json;
    private final ServerMachine machines;
    private final SshKeys sshKeys;
    private final Images images;
    private final PrimaryIps primaryIps;
    private final VolumeAttachments volumes;
    private final FirewallUse firewalls;
    private final PlacementGroups placementGroups;

    ServerCreation(
            Cloud cloud,
            Router<Call> router,
            ServerJson json,
            ServerMachine machines,
            SshKeys sshKeys,
            Images images,
            PrimaryIps primaryIps,
            VolumeAttachments volumes,
            FirewallUse firewalls,
            PlacementGroups placementGroups) {
        this.cloud = cloud;
        this.json = json;
        this.machines = machines;
        this.sshKeys = sshKeys;
        this.images = images;
        this.primaryIps = primaryIps;
        this.volumes = volumes;
        this.firewalls = firewalls;
        this.placementGroups = placementGroups;
        router.add("POST", "/servers", this::create);
        cloud.actions.on("create_server", this::begin, this::complete);
    }

    private Answer create(Call call) {
        var input = call.input();
        String name = validName(input.requiredText("name"));
        var type = cloud.catalogue
                .serverType(input.requiredIdOrName("server_type"))
                .orElseThrow(() -> ApiError.invalid("server_type", "server type not found"));
        var image = images.find(call, input.requiredIdOrName("image"), type.architecture());
        String location = location(input, type);
        String userData = userData(input);
        var labels = input.labels();
        var keys = input.list("ssh_keys").stream()
                .map(key -> sshKeys.find(call, key.asText()))
                .toList();
        var attached = volumes.forNewServer(call, input.ids("volumes"), location);
        if (input.flag("automount", false) && attached.isEmpty()) throw ApiError.invalid("automount", "needs volumes");
        var walls = firewalls(call, input);
        Long group = input.id("placement_group");
        if (group != null) placementGroups.withRoom(call, group);
        var net = input.within("public_net");
        var ipv4 = primaryIp(call, net, "ipv4", location);
        var ipv6 = primaryIp(call, net, "ipv6", location);
        boolean wants4 = net.flag("enable_ipv4", true);
        boolean wants6 = net.flag("enable_ipv6", true);
        if (!wants4 && !wants6) throw ApiError.invalid("public_net", "a server needs a network");
        if (!input.list("networks").isEmpty())
            throw ApiError.notFound("network", input.list("networks").getFirst());
        if (cloud.nameTaken(call, Row.Server.class, name, 0))
            throw ApiError.taken("name", "server name is already used");
        if (cloud.store.count(Row.Server.class) >= cloud.knobs.serverLimit) {
            throw ApiError.limit("server_limit", "server limit exceeded");
        }
        if ((wants4 && ipv4 == null) || (wants6 && ipv6 == null)) primaryIps.refuseIfTooMany();
        if (!cloud.knobs.available(type.name(), location)) {
            throw new ApiError(
                    412,
                    "resource_unavailable",
                    "we are unable to provision servers for this location, try with a different location or try later");
        }

        var server = cloud.born(new Row.Server(), call, name);
        server.labels = labels;
        server.serverType = type.id();
        server.image = image.id();
        server.location = location;
        server.diskGb = type.diskGb();
        server.userData = userData;
        server.placementGroup = group;
        keys.forEach(key -> server.publicKeys.add(key.publicKey));
        cloud.store.put(server);
        if (wants4)
            primaryIps.put(ipv4 != null ? ipv4 : primaryIps.make(call, null, "ipv4", location, true), server.id);
        if (wants6)
            primaryIps.put(ipv6 != null ? ipv6 : primaryIps.make(call, null, "ipv6", location, true), server.id);
        for (Row.Firewall wall : walls) {
            firewalls.mark(wall, server);
            wall.servers.add(server.id);
            cloud.store.put(wall);
        }
        firewalls.selectorsChanged();
        return answer(server, attached, input.flag("start_after_create", true));
    }

    private Answer answer(Row.Server server, List<Row.Volume> attached, boolean start) {
        var body = Answer.Json.object();
        body.set("server", json.of(server));
        var created = start(server, "create_server", null);
        body.set("action", cloud.actions.json(created));
        var next = body.putArray("next_actions");
        for (Row.Volume volume : attached) {
            next.add(cloud.actions.json(volumes.start(volume, "attach_volume", server, created)));
        }
        if (start) next.add(cloud.actions.json(start(server, "start_server", created)));
        body.put("root_password", server.publicKeys.isEmpty() ? password() : null);
        return Answer.created(body);
    }

    private Row.Action start(Row.Server server, String command, Row.Action after) {
        return cloud.actions.start(
                server.project, command, List.of(Row.Target.of("server", server.id)), Map.of(), after);
    }

    /** A host name by RFC 1123. */
    static String validName(String name) {
        boolean valid = name.length() <= 253 && name.matches(LABEL + "(\\." + LABEL + ")*");
        if (!valid) throw ApiError.invalid("name", "must be a valid hostname");
        return name;
    }

    private String location(Input input, Catalogue.ServerType type) {
        String given = input.idOrName("location");
        if (given == null) {
            return type.locations().stream()
                    .filter(location -> cloud.knobs.available(type.name(), location))
                    .findFirst()
                    .orElseThrow(() -> new ApiError(412, "resource_unavailable", "error during placement"));
        }
        String location =
                cloud.catalogue.location(given).orElseThrow(() -> ApiError.invalid("location", "location not found"));
        if (!type.locations().contains(location)) {
            throw ApiError.unprocessable("invalid_input", "unsupported location for server type");
        }
        return location;
    }

    private static String userData(Input input) {
        String userData = input.text("user_data");
        if (userData != null && userData.getBytes(StandardCharsets.UTF_8).length > MOST_USER_DATA) {
            throw ApiError.invalid("user_data", "must be at most 32 KiB");
        }
        return userData;
    }

    private List<Row.Firewall> firewalls(Call call, Input input) {
        var ids = new LinkedHashSet<Long>();
        for (var given : input.list("firewalls")) {
            if (!given.path("firewall").isIntegralNumber()) {
                throw ApiError.invalid("firewalls", "must be a list of {\"firewall\": id}");
            }
            ids.add(given.get("firewall").asLong());
        }
        FirewallUse.refuseMoreThanAllowed(ids.size());
        var walls = new ArrayList<Row.Firewall>();
        for (long id : ids) walls.add(cloud.own(call, Row.Firewall.class, id, "firewall"));
        return walls;
    }

    /** The address that the caller names; null when one is to be made. */
    private Row.PrimaryIp primaryIp(Call call, Input net, String type, String location) {
        Long id = net.id(type);
        if (id == null) return null;
        var ip = cloud.own(call, Row.PrimaryIp.class, id, "primary_ip");
        if (ip.assignee != null) throw ApiError.unprocessable("primary_ip_assigned", "primary IP is already assigned");
        if (!ip.type.equals(type)) {
            throw ApiError.unprocessable("primary_ip_version_mismatch", "primary IP is of the other version");
        }
        if (!ip.location.equals(location)) {
            throw ApiError.unprocessable("primary_ip_datacenter_mismatch", "primary IP is in another location");
        }
        return ip;
    }

    static String password() {
        String letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        var random = new SecureRandom();
        var password = new StringBuilder();
        while (password.length() < 20) password.append(letters.charAt(random.nextInt(letters.length())));
        return password.toString();
    }

    private CompletableFuture<Void> begin(Row.Action action) {
        return cloud.store
                .find(Row.Server.class, action.target("server"))
                .map(machines::create)
                .orElse(CompletableFuture.completedFuture(null));
    }

    private void complete(Row.Action action) {
        cloud.store.find(Row.Server.class, action.target("server")).ifPresent(server -> {
            // Until its start begins, a server that was made is off.
            server.status = "off";
            server.firewalls.forEach(applied -> applied.status = "applied");
            cloud.store.put(server);
        });
    }
}
