package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code /servers}: listing, changing, deleting; {@link ServerCreation} makes them, {@link ServerActions} works them. */
final class Servers {
    private final HetznerState hetznerState;
    private final ServerJson json;
    private final ServerLocks locks;
    private final FirewallAttachments firewalls;
    private final VolumeAttachments volumes;
    private final PrimaryIps primaryIps;
    private final Images images;

    Servers(
            HetznerState hetznerState,
            Router<HetznerRequest> router,
            ServerJson json,
            ServerLocks locks,
            FirewallAttachments firewalls,
            VolumeAttachments volumes,
            PrimaryIps primaryIps,
            Images images) {
        this.hetznerState = hetznerState;
        this.json = json;
        this.locks = locks;
        this.firewalls = firewalls;
        this.volumes = volumes;
        this.primaryIps = primaryIps;
        this.images = images;
        router.add("GET", "/servers", this::list);
        router.add("GET", "/servers/{id}", hetznerRequest -> ApiResponse.ok("server", json.of(own(hetznerRequest))));
        router.add("PUT", "/servers/{id}", this::update);
        router.add("DELETE", "/servers/{id}", this::delete);
        router.add("GET", "/servers/{id}/metrics", this::metrics);
        hetznerState.actions.on("delete_server", this::beginDelete, this::completeDelete);
    }

    private HetznerRow.Server own(HetznerRequest hetznerRequest) {
        return hetznerState.own(hetznerRequest, HetznerRow.Server.class, hetznerRequest.id("id", "server"), "server");
    }

    private ApiResponse list(HetznerRequest hetznerRequest) {
        var status = hetznerRequest.all("status");
        var rows = hetznerState
                .hetznerTables
                .all(HetznerRow.Server.class)
                .filter(s -> status.isEmpty() || status.contains(s.status));
        return ListEndpoint.of(hetznerRequest, hetznerState.now(), "servers", rows, json::of);
    }

    private ApiResponse update(HetznerRequest hetznerRequest) {
        var server = own(hetznerRequest);
        var requestFields = hetznerRequest.input();
        String name = requestFields.text("name");
        if (name != null) {
            ServerCreation.validName(name);
            if (hetznerState.nameTaken(hetznerRequest, HetznerRow.Server.class, name, server.id)) {
                throw HetznerApiError.taken("name", "server name is already used");
            }
        }
        if (requestFields.has("labels")) {
            hetznerState.relabel(server, requestFields.labels());
            firewalls.selectorsChanged();
        }
        if (name != null) server.name = name;
        hetznerState.hetznerTables.put(server);
        return ApiResponse.ok("server", json.of(server));
    }

    private ApiResponse delete(HetznerRequest hetznerRequest) {
        var server = own(hetznerRequest);
        if (server.deleteProtected) throw HetznerApiError.protectedFrom("server");
        locks.refuseDeletionIfHeld(server);
        hetznerState
                .actions
                .runningOn(server.id)
                .toList()
                .forEach(action -> hetznerState.actions.end(
                        action, "server_does_not_exist_anymore", "the server does not exist anymore"));
        server.status = "deleting";
        server.shutdownDue = null;
        hetznerState.hetznerTables.put(server);
        var action = hetznerState.actions.start(
                server.project, "delete_server", List.of(HetznerRow.Target.of("server", server.id)));
        return ApiResponse.ok("action", hetznerState.actions.json(action));
    }

    private CompletableFuture<Void> beginDelete(HetznerRow.Action action) {
        long id = action.target("server");
        return hetznerState.guestDispatcher.run(id, guest -> guest.destroy(id));
    }

    private void completeDelete(HetznerRow.Action action) {
        hetznerState
                .hetznerTables
                .find(HetznerRow.Server.class, action.target("server"))
                .ifPresent(server -> {
                    volumes.serverGone(server);
                    primaryIps.serverGone(server);
                    images.serverGone(server);
                    firewalls.serverGone(server);
                    hetznerState.hetznerTables.remove(server);
                });
    }

    /** No time series: an idle server. */
    private ApiResponse metrics(HetznerRequest hetznerRequest) {
        own(hetznerRequest);
        var metrics = ApiResponse.Json.object();
        for (String field : List.of("start", "end")) metrics.put(field, hetznerRequest.one(field));
        metrics.put("step", 60).putObject("time_series");
        return ApiResponse.ok("metrics", metrics);
    }
}
