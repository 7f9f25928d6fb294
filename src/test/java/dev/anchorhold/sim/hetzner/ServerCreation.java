package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.ApiResponse;
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
    private static final int MAX_USER_DATA = 32 * 1024;
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    private final HetznerState hetznerState;
    private final ServerJson json;
    private final ServerMachine machines;
    private final SshKeys sshKeys;
    private final Images images;
    private final PrimaryIps primaryIps;
    private final VolumeAttachments volumes;
    private final FirewallAttachments firewalls;
    private final PlacementGroups placementGroups;

    ServerCreation(
            HetznerState hetznerState,
            Router<HetznerRequest> router,
            ServerJson json,
            ServerMachine machines,
            SshKeys sshKeys,
            Images images,
            PrimaryIps primaryIps,
            VolumeAttachments volumes,
            FirewallAttachments firewalls,
            PlacementGroups placementGroups) {
        this.hetznerState = hetznerState;
        this.json = json;
        this.machines = machines;
        this.sshKeys = sshKeys;
        this.images = images;
        this.primaryIps = primaryIps;
        this.volumes = volumes;
        this.firewalls = firewalls;
        this.placementGroups = placementGroups;
        router.add("POST", "/servers", this::create);
        hetznerState.actions.on("create_server", this::begin, this::complete);
    }

    private ApiResponse create(HetznerRequest hetznerRequest) {
        var requestFields = hetznerRequest.input();
        String name = validName(requestFields.requiredText("name"));
        var type = hetznerState
                .catalogue
                .serverType(requestFields.requiredIdOrName("server_type"))
                .orElseThrow(() -> HetznerApiError.invalid("server_type", "server type not found"));
        var image = images.find(hetznerRequest, requestFields.requiredIdOrName("image"), type.architecture());
        String location = location(requestFields, type);
        String userData = userData(requestFields);
        var labels = requestFields.labels();
        var keys = requestFields.list("ssh_keys").stream()
                .map(key -> sshKeys.find(hetznerRequest, key.asText()))
                .toList();
        var attached = volumes.forNewServer(hetznerRequest, requestFields.ids("volumes"), location);
        if (requestFields.flag("automount", false) && attached.isEmpty())
            throw HetznerApiError.invalid("automount", "needs volumes");
        var walls = firewalls(hetznerRequest, requestFields);
        Long group = requestFields.id("placement_group");
        if (group != null) placementGroups.withRoom(hetznerRequest, group);
        var net = requestFields.within("public_net");
        var ipv4 = primaryIp(hetznerRequest, net, "ipv4", location);
        var ipv6 = primaryIp(hetznerRequest, net, "ipv6", location);
        boolean wants4 = net.flag("enable_ipv4", true);
        boolean wants6 = net.flag("enable_ipv6", true);
        if (!wants4 && !wants6) throw HetznerApiError.invalid("public_net", "a server needs a network");
        if (!requestFields.list("networks").isEmpty())
            throw HetznerApiError.notFound(
                    "network", requestFields.list("networks").getFirst());
        if (hetznerState.nameTaken(hetznerRequest, HetznerRow.Server.class, name, 0))
            throw HetznerApiError.taken("name", "server name is already used");
        if (hetznerState.hetznerTables.count(HetznerRow.Server.class) >= hetznerState.knobs.serverLimit) {
            throw HetznerApiError.limit("server_limit", "server limit exceeded");
        }
        if ((wants4 && ipv4 == null) || (wants6 && ipv6 == null)) primaryIps.refuseIfTooMany();
        if (!hetznerState.knobs.available(type.name(), location)) {
            throw new HetznerApiError(
                    412,
                    "resource_unavailable",
                    "we are unable to provision servers for this location, try with a different location or try later");
        }

        var server = hetznerState.born(new HetznerRow.Server(), hetznerRequest, name);
        server.labels = labels;
        server.serverType = type.id();
        server.image = image.id();
        server.location = location;
        server.diskGb = type.diskGb();
        server.userData = userData;
        server.placementGroup = group;
        keys.forEach(key -> server.publicKeys.add(key.publicKey));
        hetznerState.hetznerTables.put(server);
        if (wants4)
            primaryIps.put(
                    ipv4 != null ? ipv4 : primaryIps.make(hetznerRequest, null, "ipv4", location, true), server.id);
        if (wants6)
            primaryIps.put(
                    ipv6 != null ? ipv6 : primaryIps.make(hetznerRequest, null, "ipv6", location, true), server.id);
        for (HetznerRow.Firewall wall : walls) {
            firewalls.mark(wall, server);
            wall.servers.add(server.id);
            hetznerState.hetznerTables.put(wall);
        }
        firewalls.selectorsChanged();
        return answer(server, attached, requestFields.flag("start_after_create", true));
    }

    private ApiResponse answer(HetznerRow.Server server, List<HetznerRow.Volume> attached, boolean start) {
        var body = ApiResponse.Json.object();
        body.set("server", json.of(server));
        var created = start(server, "create_server", null);
        body.set("action", hetznerState.actions.json(created));
        var next = body.putArray("next_actions");
        for (HetznerRow.Volume volume : attached) {
            next.add(hetznerState.actions.json(volumes.start(volume, "attach_volume", server, created)));
        }
        if (start) next.add(hetznerState.actions.json(start(server, "start_server", created)));
        body.put("root_password", server.publicKeys.isEmpty() ? password() : null);
        return ApiResponse.created(body);
    }

    private HetznerRow.Action start(HetznerRow.Server server, String command, HetznerRow.Action after) {
        return hetznerState.actions.start(
                server.project, command, List.of(HetznerRow.Target.of("server", server.id)), Map.of(), after);
    }

    /** A host name by RFC 1123. */
    static String validName(String name) {
        boolean valid = name.length() <= 253 && name.matches(LABEL + "(\\." + LABEL + ")*");
        if (!valid) throw HetznerApiError.invalid("name", "must be a valid hostname");
        return name;
    }

    private String location(RequestFields requestFields, SimulatedCatalogue.ServerType type) {
        String given = requestFields.idOrName("location");
        if (given == null) {
            return type.locations().stream()
                    .filter(location -> hetznerState.knobs.available(type.name(), location))
                    .findFirst()
                    .orElseThrow(() -> new HetznerApiError(412, "resource_unavailable", "error during placement"));
        }
        String location = hetznerState
                .catalogue
                .location(given)
                .orElseThrow(() -> HetznerApiError.invalid("location", "location not found"));
        if (!type.locations().contains(location)) {
            throw HetznerApiError.unprocessable("invalid_input", "unsupported location for server type");
        }
        return location;
    }

    private static String userData(RequestFields requestFields) {
        String userData = requestFields.text("user_data");
        if (userData != null && userData.getBytes(StandardCharsets.UTF_8).length > MAX_USER_DATA) {
            throw HetznerApiError.invalid("user_data", "must be at most 32 KiB");
        }
        return userData;
    }

    private List<HetznerRow.Firewall> firewalls(HetznerRequest hetznerRequest, RequestFields requestFields) {
        var ids = new LinkedHashSet<Long>();
        for (var given : requestFields.list("firewalls")) {
            if (!given.path("firewall").isIntegralNumber()) {
                throw HetznerApiError.invalid("firewalls", "must be a list of {\"firewall\": id}");
            }
            ids.add(given.get("firewall").asLong());
        }
        FirewallAttachments.refuseMoreThanAllowed(ids.size());
        var walls = new ArrayList<HetznerRow.Firewall>();
        for (long id : ids) walls.add(hetznerState.own(hetznerRequest, HetznerRow.Firewall.class, id, "firewall"));
        return walls;
    }

    /** The address that the caller names; null when one is to be made. */
    private HetznerRow.PrimaryIp primaryIp(
            HetznerRequest hetznerRequest, RequestFields net, String type, String location) {
        Long id = net.id(type);
        if (id == null) return null;
        var ip = hetznerState.own(hetznerRequest, HetznerRow.PrimaryIp.class, id, "primary_ip");
        if (ip.assignee != null)
            throw HetznerApiError.unprocessable("primary_ip_assigned", "primary IP is already assigned");
        if (!ip.type.equals(type)) {
            throw HetznerApiError.unprocessable("primary_ip_version_mismatch", "primary IP is of the other version");
        }
        if (!ip.location.equals(location)) {
            throw HetznerApiError.unprocessable("primary_ip_datacenter_mismatch", "primary IP is in another location");
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

    private CompletableFuture<Void> begin(HetznerRow.Action action) {
        return hetznerState
                .hetznerTables
                .find(HetznerRow.Server.class, action.target("server"))
                .map(machines::create)
                .orElse(CompletableFuture.completedFuture(null));
    }

    private void complete(HetznerRow.Action action) {
        hetznerState
                .hetznerTables
                .find(HetznerRow.Server.class, action.target("server"))
                .ifPresent(server -> {
                    // Until its start begins, a server that was made is off.
                    server.status = "off";
                    server.firewalls.forEach(applied -> applied.status = "applied");
                    hetznerState.hetznerTables.put(server);
                });
    }
}
