package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** {@code POST /servers/{id}/actions/…} (providers.md A.3): what each verb needs, and its action's command. */
final class ServerActions {
    private final Cloud cloud;
    private final ServerLocks locks;
    private final Images images;
    private final PlacementGroups placementGroups;
    private final PrimaryIps primaryIps;

    ServerActions(
            Cloud cloud,
            Router<Call> router,
            ServerLocks locks,
            Images images,
            PlacementGroups placementGroups,
            PrimaryIps primaryIps) {
        this.cloud = cloud;
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
        verb(router, "attach_iso", (call, _) -> {
            throw ApiError.notFound("iso", call.input().idOrName("iso"));
        });
        verb(router, "add_to_placement_group", plainly("add_to_placement_group", (call, server) -> {
            refuseUnlessOff(server);
            long group = call.input().requiredId("placement_group");
            server.placementGroup = this.placementGroups.withRoom(call, group).id;
        }));
        verb(
                router,
                "remove_from_placement_group",
                plainly("remove_from_placement_group", (_, server) -> server.placementGroup = null));
        verb(router, "change_protection", plainly("change_protection", (call, server) -> {
            server.deleteProtected = call.input().flag("delete", server.deleteProtected);
            server.rebuildProtected = call.input().flag("rebuild", server.rebuildProtected);
        }));
        verb(router, "change_dns_ptr", plainly("change_dns_ptr", this::changeDnsPtr));
        verb(router, "request_console", (_, server) -> {
            var body = body(start(server, "request_console", Map.of()));
            return Answer.created(body.put("wss_url", "wss://console.invalid/?server_id=" + server.id)
                    .put("password", ServerCreation.password()));
        });
        for (String network : List.of("attach_to_network", "detach_from_network", "change_alias_ips")) {
            verb(router, network, (call, _) -> {
                throw ApiError.notFound("network", call.input().id("network"));
            });
        }
    }

    private void verb(Router<Call> router, String verb, BiFunction<Call, Row.Server, Answer> handler) {
        router.add("POST", "/servers/{id}/actions/" + verb, call -> {
            var server = cloud.own(call, Row.Server.class, call.id("id", "server"), "server");
            locks.refuseIfHeld(server);
            return handler.apply(call, server);
        });
    }

    private BiFunction<Call, Row.Server, Answer> plainly(String command, BiConsumer<Call, Row.Server> change) {
        return (call, server) -> {
            change.accept(call, server);
            cloud.store.put(server);
            return plain(server, command);
        };
    }

    private Answer plain(Row.Server server, String command) {
        return Answer.created(body(start(server, command, Map.of())));
    }

    private Row.Action start(Row.Server server, String command, Map<String, String> arguments) {
        return cloud.actions.start(
                server.project, command, List.of(Row.Target.of("server", server.id)), arguments, null);
    }

    private ObjectNode body(Row.Action action) {
        return Answer.Json.object().set("action", cloud.actions.json(action));
    }

    private Answer withPassword(Row.Server server, String command) {
        cloud.store.put(server);
        return Answer.created(body(start(server, command, Map.of())).put("root_password", ServerCreation.password()));
    }

    private static Row.Server running(Row.Server server) {
        if (!server.status.equals("running")) {
            throw ApiError.unprocessable("server_not_running", "the server must be running");
        }
        return server;
    }

    private static void refuseUnlessOff(Row.Server server) {
        if (!server.status.equals("off")) {
            throw ApiError.unprocessable("server_not_stopped", "the server must be stopped");
        }
    }

    /** Without {@code user_data} the former one is used again. */
    private Answer rebuild(Call call, Row.Server server) {
        if (server.rebuildProtected) throw ApiError.protectedFrom("server");
        var input = call.input();
        var type = cloud.catalogue.serverType(server.serverType).orElseThrow();
        var image = images.find(call, input.requiredIdOrName("image"), type.architecture());
        if (input.has("user_data")) server.userData = input.text("user_data");
        server.image = image.id();
        cloud.store.put(server);
        var body = body(start(server, "rebuild_server", Map.of()));
        return Answer.created(
                body.put("root_password", server.publicKeys.isEmpty() ? ServerCreation.password() : null));
    }

    private Answer changeType(Call call, Row.Server server) {
        var input = call.input();
        var type = cloud.catalogue
                .serverType(input.requiredIdOrName("server_type"))
                .orElseThrow(() -> ApiError.invalid("server_type", "server type not found"));
        boolean upgradeDisk = input.flag("upgrade_disk", true);
        refuseUnlessOff(server);
        var current = cloud.catalogue.serverType(server.serverType).orElseThrow();
        if (!type.architecture().equals(current.architecture()) || type.diskGb() < server.diskGb) {
            throw ApiError.unprocessable("invalid_server_type", "the server cannot become of this type");
        }
        if (!type.locations().contains(server.location)) {
            throw ApiError.unprocessable("invalid_input", "unsupported location for server type");
        }
        if (!cloud.knobs.available(type.name(), server.location)) {
            throw new ApiError(412, "resource_unavailable", "error during placement");
        }
        var arguments = Map.of("type", "" + type.id(), "disk", "" + (upgradeDisk ? type.diskGb() : server.diskGb));
        return Answer.created(body(start(server, "change_server_type", arguments)));
    }

    private Answer createImage(Call call, Row.Server server) {
        var image = images.snapshot(call, server, call.input());
        var action = cloud.actions.start(
                server.project,
                "create_image",
                List.of(Row.Target.of("server", server.id), Row.Target.of("image", image.id)));
        return Answer.created(body(action).set("image", images.json(image)));
    }

    private void changeDnsPtr(Call call, Row.Server server) {
        String address = call.input().requiredText("ip");
        var ip = cloud.store
                .all(Row.PrimaryIp.class)
                .filter(row -> row.assignee != null && row.assignee == server.id)
                .filter(row -> row.ip.equals(address) || (row.type.equals("ipv6") && address.contains(":")))
                .findFirst()
                .orElseThrow(() -> ApiError.notFound("ip", address));
        primaryIps.setDnsPtr(ip, call.input());
    }
}
