package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Handlers of {@code /servers}: list, change, delete; {@link ServerCreation} creates them, {@link ServerActions} has
 * their actions.
 */
final class Servers {
    private final HetznerState state;
    private final ServerJson json;
    private final ServerLocks locks;
    private final FirewallAttachments firewalls;
    private final VolumeAttachments volumes;
    private final PrimaryIps primaryIps;
    private final Images images;

    Servers(
            HetznerState state,
            Router<HetznerRequest> router,
            ServerJson json,
            ServerLocks locks,
            FirewallAttachments firewalls,
            VolumeAttachments volumes,
            PrimaryIps primaryIps,
            Images images) {
        this.state = state;
        this.json = json;
        this.locks = locks;
        this.firewalls = firewalls;
        this.volumes = volumes;
        this.primaryIps = primaryIps;
        this.images = images;
        router.add("GET", "/servers", this::list);
        router.add("GET", "/servers/{id}", request -> ApiResponse.ok("server", json.of(own(request))));
        router.add("PUT", "/servers/{id}", this::update);
        router.add("DELETE", "/servers/{id}", this::delete);
        router.add("GET", "/servers/{id}/metrics", this::metrics);
        state.actions.on("delete_server", this::beginDelete, this::completeDelete);
    }

    private HetznerRow.Server own(HetznerRequest request) {
        return state.own(request, HetznerRow.Server.class, request.id("id", "server"), "server");
    }

    private ApiResponse list(HetznerRequest request) {
        var status = request.all("status");
        var rows = state.tables.all(HetznerRow.Server.class).filter(s -> status.isEmpty() || status.contains(s.status));
        return ListEndpoint.of(request, state.now(), "servers", rows, json::of);
    }

    private ApiResponse update(HetznerRequest request) {
        var server = own(request);
        var fields = request.input();
        String name = fields.text("name");
        if (name != null) {
            ServerCreation.validName(name);
            if (state.nameTaken(request, HetznerRow.Server.class, name, server.id)) {
                throw HetznerApiError.taken("name", "server name is already used");
            }
        }
        if (fields.has("labels")) {
            state.relabel(server, fields.labels());
            firewalls.selectorsChanged();
        }
        if (name != null) server.name = name;
        state.tables.put(server);
        return ApiResponse.ok("server", json.of(server));
    }

    private ApiResponse delete(HetznerRequest request) {
        var server = own(request);
        if (server.deleteProtected) throw HetznerApiError.protectedFrom("server");
        locks.checkDeletable(server);
        state.actions
                .runningOn(server.id)
                .toList()
                .forEach(action -> state.actions.end(
                        action, "server_does_not_exist_anymore", "the server does not exist anymore"));
        server.status = "deleting";
        server.shutdownDue = null;
        state.tables.put(server);
        var action = state.actions.start(
                server.project, "delete_server", List.of(HetznerRow.Target.of("server", server.id)));
        return ApiResponse.ok("action", state.actions.json(action));
    }

    private CompletableFuture<Void> beginDelete(HetznerRow.Action action) {
        long id = action.target("server");
        return state.guests.run(id, guest -> guest.destroy(id));
    }

    private void completeDelete(HetznerRow.Action action) {
        state.tables.find(HetznerRow.Server.class, action.target("server")).ifPresent(server -> {
            volumes.serverDeleted(server);
            primaryIps.serverDeleted(server);
            images.serverDeleted(server);
            firewalls.serverDeleted(server);
            state.tables.remove(server);
        });
    }

    /** Empty time series, as of an idle server. */
    private ApiResponse metrics(HetznerRequest request) {
        own(request);
        var metrics = ApiResponse.Json.object();
        for (String field : List.of("start", "end")) metrics.put(field, request.one(field));
        metrics.put("step", 60).putObject("time_series");
        return ApiResponse.ok("metrics", metrics);
    }
}
