package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** {@code POST /servers/{id}/actions/…} (providers.md A.3): what each verb needs, and its action's command. */
final class ServerActions {
    private final HetznerState hetznerState;
    private final ServerLocks locks;
    private final Images images;
    private final PlacementGroups placementGroups;
    private final PrimaryIps primaryIps;

    ServerActions(
            HetznerState hetznerState,
            Router<HetznerRequest> router,
            ServerLocks locks,
            Images images,
            PlacementGroups placementGroups,
            PrimaryIps primaryIps) {
        this.hetznerState = hetznerState;
        this.locks = locks;
        this.images = images;
        this.placementGroups = placementGroups;
        this.primaryIps = primaryIps;
        verb(router, "poweron", (_, server) -> plain(server, "start_server"));
        verb(router, "poweroff", (_, server) -> plain(server, "stop_server"));
        verb(router, "shutdown", (_, server) -> plain(server, "shutdown_server"));
        verb(router, "reboot", (_, server) -> plain(server, "reboot_server"));
        verb(router, "reset", (_, server) -> plain(server, "reset_server"));
        verb(router, "reset_password", (_, server) -> withPassword(running(server), "reset_password"));
        verb(router, "rebuild", this::rebuild);
        verb(router, "change_type", this::changeType);
        verb(router, "create_image", this::createImage);
        verb(router, "enable_rescue", (_, server) -> {
            server.rescue = true;
            return withPassword(server, "enable_rescue");
        });
        verb(router, "disable_rescue", plainly("disable_rescue", (_, server) -> server.rescue = false));
        verb(router, "enable_backup", plainly("enable_backup", (_, server) -> server.backupWindow = "22-02"));
        verb(router, "disable_backup", plainly("disable_backup", (_, server) -> server.backupWindow = null));
        verb(router, "detach_iso", plainly("detach_iso", (_, _) -> {}));
        verb(router, "attach_iso", (hetznerRequest, _) -> {
            throw HetznerApiError.notFound("iso", hetznerRequest.input().idOrName("iso"));
        });
        verb(router, "add_to_placement_group", plainly("add_to_placement_group", (hetznerRequest, server) -> {
            refuseUnlessOff(server);
            long group = hetznerRequest.input().requiredId("placement_group");
            server.placementGroup = this.placementGroups.withRoom(hetznerRequest, group).id;
        }));
        verb(
                router,
                "remove_from_placement_group",
                plainly("remove_from_placement_group", (_, server) -> server.placementGroup = null));
        verb(router, "change_protection", plainly("change_protection", (hetznerRequest, server) -> {
            server.deleteProtected = hetznerRequest.input().flag("delete", server.deleteProtected);
            server.rebuildProtected = hetznerRequest.input().flag("rebuild", server.rebuildProtected);
        }));
        verb(router, "change_dns_ptr", plainly("change_dns_ptr", this::changeDnsPtr));
        verb(router, "request_console", (_, server) -> {
            var body = body(start(server, "request_console", Map.of()));
            return ApiResponse.created(body.put("wss_url", "wss://console.invalid/?server_id=" + server.id)
                    .put("password", ServerCreation.password()));
        });
        for (String network : List.of("attach_to_network", "detach_from_network", "change_alias_ips")) {
            verb(router, network, (hetznerRequest, _) -> {
                throw HetznerApiError.notFound("network", hetznerRequest.input().id("network"));
            });
        }
    }

    private void verb(
            Router<HetznerRequest> router,
            String verb,
            BiFunction<HetznerRequest, HetznerRow.Server, ApiResponse> handler) {
        router.add("POST", "/servers/{id}/actions/" + verb, hetznerRequest -> {
            var server = hetznerState.own(
                    hetznerRequest, HetznerRow.Server.class, hetznerRequest.id("id", "server"), "server");
            locks.refuseIfHeld(server);
            return handler.apply(hetznerRequest, server);
        });
    }

    private BiFunction<HetznerRequest, HetznerRow.Server, ApiResponse> plainly(
            String command, BiConsumer<HetznerRequest, HetznerRow.Server> change) {
        return (hetznerRequest, server) -> {
            change.accept(hetznerRequest, server);
            hetznerState.hetznerTables.put(server);
            return plain(server, command);
        };
    }

    private ApiResponse plain(HetznerRow.Server server, String command) {
        return ApiResponse.created(body(start(server, command, Map.of())));
    }

    private HetznerRow.Action start(HetznerRow.Server server, String command, Map<String, String> arguments) {
        return hetznerState.actions.start(
                server.project, command, List.of(HetznerRow.Target.of("server", server.id)), arguments, null);
    }

    private ObjectNode body(HetznerRow.Action action) {
        return ApiResponse.Json.object().set("action", hetznerState.actions.json(action));
    }

    private ApiResponse withPassword(HetznerRow.Server server, String command) {
        hetznerState.hetznerTables.put(server);
        return ApiResponse.created(
                body(start(server, command, Map.of())).put("root_password", ServerCreation.password()));
    }

    private static HetznerRow.Server running(HetznerRow.Server server) {
        if (!server.status.equals("running")) {
            throw HetznerApiError.unprocessable("server_not_running", "the server must be running");
        }
        return server;
    }

    private static void refuseUnlessOff(HetznerRow.Server server) {
        if (!server.status.equals("off")) {
            throw HetznerApiError.unprocessable("server_not_stopped", "the server must be stopped");
        }
    }

    /** Without {@code user_data} the former one is used again. */
    private ApiResponse rebuild(HetznerRequest hetznerRequest, HetznerRow.Server server) {
        if (server.rebuildProtected) throw HetznerApiError.protectedFrom("server");
        var requestFields = hetznerRequest.input();
        var type = hetznerState.catalogue.serverType(server.serverType).orElseThrow();
        var image = images.find(hetznerRequest, requestFields.requiredIdOrName("image"), type.architecture());
        if (requestFields.has("user_data")) server.userData = requestFields.text("user_data");
        server.image = image.id();
        hetznerState.hetznerTables.put(server);
        var body = body(start(server, "rebuild_server", Map.of()));
        return ApiResponse.created(
                body.put("root_password", server.publicKeys.isEmpty() ? ServerCreation.password() : null));
    }

    private ApiResponse changeType(HetznerRequest hetznerRequest, HetznerRow.Server server) {
        var requestFields = hetznerRequest.input();
        var type = hetznerState
                .catalogue
                .serverType(requestFields.requiredIdOrName("server_type"))
                .orElseThrow(() -> HetznerApiError.invalid("server_type", "server type not found"));
        boolean upgradeDisk = requestFields.flag("upgrade_disk", true);
        refuseUnlessOff(server);
        var current = hetznerState.catalogue.serverType(server.serverType).orElseThrow();
        if (!type.architecture().equals(current.architecture()) || type.diskGb() < server.diskGb) {
            throw HetznerApiError.unprocessable("invalid_server_type", "the server cannot become of this type");
        }
        if (!type.locations().contains(server.location)) {
            throw HetznerApiError.unprocessable("invalid_input", "unsupported location for server type");
        }
        if (!hetznerState.knobs.available(type.name(), server.location)) {
            throw new HetznerApiError(412, "resource_unavailable", "error during placement");
        }
        var arguments = Map.of("type", "" + type.id(), "disk", "" + (upgradeDisk ? type.diskGb() : server.diskGb));
        return ApiResponse.created(body(start(server, "change_server_type", arguments)));
    }

    private ApiResponse createImage(HetznerRequest hetznerRequest, HetznerRow.Server server) {
        var image = images.snapshot(hetznerRequest, server, hetznerRequest.input());
        var action = hetznerState.actions.start(
                server.project,
                "create_image",
                List.of(HetznerRow.Target.of("server", server.id), HetznerRow.Target.of("image", image.id)));
        return ApiResponse.created(body(action).set("image", images.json(image)));
    }

    private void changeDnsPtr(HetznerRequest hetznerRequest, HetznerRow.Server server) {
        String address = hetznerRequest.input().requiredText("ip");
        var ip = hetznerState
                .hetznerTables
                .all(HetznerRow.PrimaryIp.class)
                .filter(row -> row.assignee != null && row.assignee == server.id)
                .filter(row -> row.ip.equals(address) || (row.type.equals("ipv6") && address.contains(":")))
                .findFirst()
                .orElseThrow(() -> HetznerApiError.notFound("ip", address));
        primaryIps.setDnsPtr(ip, hetznerRequest.input());
    }
}
