package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * Handlers of {@code POST /servers/{id}/actions/…} (providers.md A.3): what each verb requires, and its action's
 * command.
 */
final class ServerActions {
    /** Rescue mode ends when it was not used for so long. */
    private static final Duration RESCUE_UNUSED = Duration.ofMinutes(60);

    private final HetznerState state;
    private final ServerLocks locks;
    private final Images images;
    private final PlacementGroups placementGroups;
    private final PrimaryIps primaryIps;

    ServerActions(
            HetznerState state,
            Router<HetznerRequest> router,
            ServerLocks locks,
            Images images,
            PlacementGroups placementGroups,
            PrimaryIps primaryIps) {
        this.state = state;
        this.locks = locks;
        this.images = images;
        this.placementGroups = placementGroups;
        this.primaryIps = primaryIps;
        verb(router, "poweron", (_, server) -> startOnly(server, "start_server"));
        verb(router, "poweroff", (_, server) -> startOnly(server, "stop_server"));
        verb(router, "shutdown", (_, server) -> startOnly(server, "shutdown_server"));
        verb(router, "reboot", (_, server) -> startOnly(server, "reboot_server"));
        verb(router, "reset", (_, server) -> startOnly(server, "reset_server"));
        verb(router, "reset_password", (_, server) -> withPassword(running(server), "reset_password"));
        verb(router, "rebuild", this::rebuild);
        verb(router, "change_type", this::changeType);
        verb(router, "create_image", this::createImage);
        verb(router, "enable_rescue", (_, server) -> {
            server.rescueUntil = state.now().plus(RESCUE_UNUSED);
            return withPassword(server, "enable_rescue");
        });
        verb(router, "disable_rescue", changeAndStart("disable_rescue", (_, server) -> server.rescueUntil = null));
        verb(router, "enable_backup", changeAndStart("enable_backup", (_, server) -> server.backupWindow = "22-02"));
        verb(router, "disable_backup", changeAndStart("disable_backup", (_, server) -> {
            server.backupWindow = null;
            this.images.deleteBackups(server);
        }));
        verb(router, "detach_iso", changeAndStart("detach_iso", (_, _) -> {}));
        verb(router, "attach_iso", (request, _) -> {
            throw HetznerApiError.notFound("iso", request.input().idOrName("iso"));
        });
        verb(router, "add_to_placement_group", changeAndStart("add_to_placement_group", (request, server) -> {
            checkOff(server);
            long group = request.input().requiredId("placement_group");
            server.placementGroup = this.placementGroups.withCapacity(request, group).id;
        }));
        verb(
                router,
                "remove_from_placement_group",
                changeAndStart("remove_from_placement_group", (_, server) -> server.placementGroup = null));
        verb(router, "change_protection", changeAndStart("change_protection", (request, server) -> {
            server.deleteProtected = request.input().flag("delete", server.deleteProtected);
            server.rebuildProtected = request.input().flag("rebuild", server.rebuildProtected);
        }));
        verb(router, "change_dns_ptr", changeAndStart("change_dns_ptr", this::changeDnsPtr));
        verb(router, "request_console", (_, server) -> {
            var body = body(start(server, "request_console", Map.of()));
            return ApiResponse.created(body.put("wss_url", "wss://console.invalid/?server_id=" + server.id)
                    .put("password", ServerCreation.password()));
        });
        for (String network : List.of("attach_to_network", "detach_from_network", "change_alias_ips")) {
            verb(router, network, (request, _) -> {
                throw HetznerApiError.notFound("network", request.input().id("network"));
            });
        }
    }

    private void verb(
            Router<HetznerRequest> router,
            String verb,
            BiFunction<HetznerRequest, HetznerRow.Server, ApiResponse> handler) {
        router.add("POST", "/servers/{id}/actions/" + verb, request -> {
            var server = state.own(request, HetznerRow.Server.class, request.id("id", "server"), "server");
            locks.checkUnlocked(server);
            return handler.apply(request, server);
        });
    }

    private BiFunction<HetznerRequest, HetznerRow.Server, ApiResponse> changeAndStart(
            String command, BiConsumer<HetznerRequest, HetznerRow.Server> change) {
        return (request, server) -> {
            change.accept(request, server);
            state.tables.put(server);
            return startOnly(server, command);
        };
    }

    private ApiResponse startOnly(HetznerRow.Server server, String command) {
        return ApiResponse.created(body(start(server, command, Map.of())));
    }

    private HetznerRow.Action start(HetznerRow.Server server, String command, Map<String, String> arguments) {
        return state.actions.start(
                server.project, command, List.of(HetznerRow.Target.of("server", server.id)), arguments, null);
    }

    private ObjectNode body(HetznerRow.Action action) {
        return ApiResponse.Json.object().set("action", state.actions.json(action));
    }

    private ApiResponse withPassword(HetznerRow.Server server, String command) {
        state.tables.put(server);
        return ApiResponse.created(
                body(start(server, command, Map.of())).put("root_password", ServerCreation.password()));
    }

    private static HetznerRow.Server running(HetznerRow.Server server) {
        if (!server.status.equals("running")) {
            throw HetznerApiError.unprocessable("server_not_running", "the server must be running");
        }
        return server;
    }

    private static void checkOff(HetznerRow.Server server) {
        if (!server.status.equals("off")) {
            throw HetznerApiError.unprocessable("server_not_stopped", "the server must be stopped");
        }
    }

    /** Without {@code user_data} the previous one is used again. */
    private ApiResponse rebuild(HetznerRequest request, HetznerRow.Server server) {
        if (server.rebuildProtected) throw HetznerApiError.protectedFrom("server");
        var fields = request.input();
        var type = state.catalogue.serverType(server.serverType).orElseThrow();
        var image = images.find(request, fields.requiredIdOrName("image"), type.architecture());
        images.checkFits(image, server.diskGb);
        if (fields.has("user_data")) server.userData = fields.text("user_data");
        server.image = image.id();
        state.tables.put(server);
        var body = body(start(server, "rebuild_server", Map.of()));
        return ApiResponse.created(
                body.put("root_password", server.publicKeys.isEmpty() ? ServerCreation.password() : null));
    }

    private ApiResponse changeType(HetznerRequest request, HetznerRow.Server server) {
        var fields = request.input();
        var type = state.catalogue
                .serverType(fields.requiredIdOrName("server_type"))
                .orElseThrow(() -> HetznerApiError.invalid("server_type", "server type not found"));
        boolean upgradeDisk = fields.flag("upgrade_disk", true);
        checkOff(server);
        var current = state.catalogue.serverType(server.serverType).orElseThrow();
        if (!type.architecture().equals(current.architecture()) || type.diskGb() < server.diskGb) {
            throw HetznerApiError.unprocessable("invalid_server_type", "the server cannot become of this type");
        }
        if (!type.locations().contains(server.location)) {
            throw HetznerApiError.unprocessable("invalid_input", "unsupported location for server type");
        }
        if (!state.knobs.available(type.name(), server.location)) {
            throw new HetznerApiError(412, "resource_unavailable", "error during placement");
        }
        var arguments = Map.of("type", "" + type.id(), "disk", "" + (upgradeDisk ? type.diskGb() : server.diskGb));
        return ApiResponse.created(body(start(server, "change_server_type", arguments)));
    }

    private ApiResponse createImage(HetznerRequest request, HetznerRow.Server server) {
        var image = images.snapshot(request, server, request.input());
        var action = state.actions.start(
                server.project,
                "create_image",
                List.of(HetznerRow.Target.of("server", server.id), HetznerRow.Target.of("image", image.id)));
        return ApiResponse.created(body(action).set("image", images.json(image)));
    }

    private void changeDnsPtr(HetznerRequest request, HetznerRow.Server server) {
        String address = request.input().requiredText("ip");
        var ip = state.tables
                .all(HetznerRow.PrimaryIp.class)
                .filter(row -> row.assignee != null && row.assignee == server.id)
                .filter(row -> row.ip.equals(address) || (row.type.equals("ipv6") && address.contains(":")))
                .findFirst()
                .orElseThrow(() -> HetznerApiError.notFound("ip", address));
        primaryIps.setDnsPtr(ip, request.input());
    }
}
