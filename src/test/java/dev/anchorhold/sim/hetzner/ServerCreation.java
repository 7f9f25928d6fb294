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

/** Handler of {@code POST /servers} (providers.md A.4): everything is checked before anything is created. */
final class ServerCreation {
    private static final int MAX_USER_DATA = 32 * 1024;
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    private final HetznerState state;
    private final ServerJson json;
    private final ServerMachine machines;
    private final SshKeys sshKeys;
    private final Images images;
    private final PrimaryIps primaryIps;
    private final VolumeAttachments volumes;
    private final FirewallAttachments firewalls;
    private final PlacementGroups placementGroups;

    ServerCreation(
            HetznerState state,
            Router<HetznerRequest> router,
            ServerJson json,
            ServerMachine machines,
            SshKeys sshKeys,
            Images images,
            PrimaryIps primaryIps,
            VolumeAttachments volumes,
            FirewallAttachments firewalls,
            PlacementGroups placementGroups) {
        this.state = state;
        this.json = json;
        this.machines = machines;
        this.sshKeys = sshKeys;
        this.images = images;
        this.primaryIps = primaryIps;
        this.volumes = volumes;
        this.firewalls = firewalls;
        this.placementGroups = placementGroups;
        router.add("POST", "/servers", this::create);
        state.actions.on("create_server", this::begin, this::complete);
    }

    private ApiResponse create(HetznerRequest request) {
        var fields = request.input();
        String name = validName(fields.requiredText("name"));
        var type = state.catalogue
                .serverType(fields.requiredIdOrName("server_type"))
                .orElseThrow(() -> HetznerApiError.invalid("server_type", "server type not found"));
        var image = images.find(request, fields.requiredIdOrName("image"), type.architecture());
        images.checkFits(image, type.diskGb());
        String location = location(fields, type);
        String userData = userData(fields);
        var labels = fields.labels();
        var keys = fields.list("ssh_keys").stream()
                .map(key -> sshKeys.find(request, key.asText()))
                .toList();
        var attached = volumes.forNewServer(request, fields.ids("volumes"), location);
        if (fields.flag("automount", false) && attached.isEmpty())
            throw HetznerApiError.invalid("automount", "needs volumes");
        var chosen = firewalls(request, fields);
        Long group = fields.id("placement_group");
        if (group != null) placementGroups.withCapacity(request, group);
        var net = fields.within("public_net");
        var ipv4 = primaryIp(request, net, "ipv4", location);
        var ipv6 = primaryIp(request, net, "ipv6", location);
        boolean wants4 = net.flag("enable_ipv4", true);
        boolean wants6 = net.flag("enable_ipv6", true);
        if (!wants4 && !wants6) throw HetznerApiError.invalid("public_net", "a server needs a network");
        if (!fields.list("networks").isEmpty())
            throw HetznerApiError.notFound("network", fields.list("networks").getFirst());
        if (state.nameTaken(request, HetznerRow.Server.class, name, 0))
            throw HetznerApiError.taken("name", "server name is already used");
        if (state.tables.count(HetznerRow.Server.class) >= state.knobs.serverLimit) {
            throw HetznerApiError.limit("server_limit", "server limit exceeded");
        }
        if ((wants4 && ipv4 == null) || (wants6 && ipv6 == null)) primaryIps.checkQuota();
        if (!state.knobs.available(type.name(), location)) {
            throw new HetznerApiError(
                    412,
                    "resource_unavailable",
                    "we are unable to provision servers for this location, try with a different location or try later");
        }

        var server = state.initialize(new HetznerRow.Server(), request, name);
        server.labels = labels;
        server.serverType = type.id();
        server.image = image.id();
        server.location = location;
        server.diskGb = type.diskGb();
        server.userData = userData;
        server.placementGroup = group;
        keys.forEach(key -> server.publicKeys.add(key.publicKey));
        state.tables.put(server);
        if (wants4)
            primaryIps.setAssignee(
                    ipv4 != null ? ipv4 : primaryIps.create(request, null, "ipv4", location, true), server.id);
        if (wants6)
            primaryIps.setAssignee(
                    ipv6 != null ? ipv6 : primaryIps.create(request, null, "ipv6", location, true), server.id);
        for (HetznerRow.Firewall firewall : chosen) {
            firewalls.mark(firewall, server);
            firewall.servers.add(server.id);
            state.tables.put(firewall);
        }
        firewalls.selectorsChanged();
        return respond(server, attached, fields.flag("start_after_create", true));
    }

    private ApiResponse respond(HetznerRow.Server server, List<HetznerRow.Volume> attached, boolean start) {
        var body = ApiResponse.Json.object();
        body.set("server", json.of(server));
        var created = start(server, "create_server", null);
        body.set("action", state.actions.json(created));
        var next = body.putArray("next_actions");
        for (HetznerRow.Volume volume : attached) {
            next.add(state.actions.json(volumes.start(volume, "attach_volume", server, created)));
        }
        if (start) next.add(state.actions.json(start(server, "start_server", created)));
        body.put("root_password", server.publicKeys.isEmpty() ? password() : null);
        return ApiResponse.created(body);
    }

    private HetznerRow.Action start(HetznerRow.Server server, String command, HetznerRow.Action after) {
        return state.actions.start(
                server.project, command, List.of(HetznerRow.Target.of("server", server.id)), Map.of(), after);
    }

    /** A host name by RFC 1123. */
    static String validName(String name) {
        boolean valid = name.length() <= 253 && name.matches(LABEL + "(\\." + LABEL + ")*");
        if (!valid) throw HetznerApiError.invalid("name", "must be a valid hostname");
        return name;
    }

    private String location(RequestFields fields, SimulatedCatalogue.ServerType type) {
        String given = fields.idOrName("location");
        if (given == null) {
            return type.locations().stream()
                    .filter(location -> state.knobs.available(type.name(), location))
                    .findFirst()
                    .orElseThrow(() -> new HetznerApiError(412, "resource_unavailable", "error during placement"));
        }
        String location = state.catalogue
                .location(given)
                .orElseThrow(() -> HetznerApiError.invalid("location", "location not found"));
        if (!type.locations().contains(location)) {
            throw HetznerApiError.unprocessable("invalid_input", "unsupported location for server type");
        }
        return location;
    }

    private static String userData(RequestFields fields) {
        String userData = fields.text("user_data");
        if (userData != null && userData.getBytes(StandardCharsets.UTF_8).length > MAX_USER_DATA) {
            throw HetznerApiError.invalid("user_data", "must be at most 32 KiB");
        }
        return userData;
    }

    private List<HetznerRow.Firewall> firewalls(HetznerRequest request, RequestFields fields) {
        var ids = new LinkedHashSet<Long>();
        for (var given : fields.list("firewalls")) {
            if (!given.path("firewall").isIntegralNumber()) {
                throw HetznerApiError.invalid("firewalls", "must be a list of {\"firewall\": id}");
            }
            ids.add(given.get("firewall").asLong());
        }
        FirewallAttachments.checkLimit(ids.size());
        var chosen = new ArrayList<HetznerRow.Firewall>();
        for (long id : ids) chosen.add(state.own(request, HetznerRow.Firewall.class, id, "firewall"));
        return chosen;
    }

    /** The address that the request names; null when one is to be created. */
    private HetznerRow.PrimaryIp primaryIp(HetznerRequest request, RequestFields net, String type, String location) {
        Long id = net.id(type);
        if (id == null) return null;
        var ip = state.own(request, HetznerRow.PrimaryIp.class, id, "primary_ip");
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
        return state.tables
                .find(HetznerRow.Server.class, action.target("server"))
                .map(machines::create)
                .orElse(CompletableFuture.completedFuture(null));
    }

    private void complete(HetznerRow.Action action) {
        state.tables.find(HetznerRow.Server.class, action.target("server")).ifPresent(server -> {
            // A created server is off until its start begins.
            server.status = "off";
            server.firewalls.forEach(applied -> applied.status = "applied");
            state.tables.put(server);
        });
    }
}
