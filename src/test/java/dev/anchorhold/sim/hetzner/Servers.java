package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code /servers}: listing, changing, deleting; {@link ServerCreation} makes them, {@link ServerActions} works them. */
final class Servers {
    private final Cloud cloud;
    private final ServerJson json;
    private final ServerLocks locks;
    private final FirewallUse firewalls;
    private final VolumeAttachments volumes;
    private final PrimaryIps primaryIps;
    private final Images images;

    Servers(
            Cloud cloud,
            Router<Call> router,
            ServerJson json,
            ServerLocks locks,
            FirewallUse firewalls,
            VolumeAttachments volumes,
            PrimaryIps primaryIps,
            Images images) {
        this.cloud = cloud;
        this.json = json;
        this.locks = locks;
        this.firewalls = firewalls;
        this.volumes = volumes;
        this.primaryIps = primaryIps;
        this.images = images;
        router.add("GET", "/servers", this::list);
        router.add("GET", "/servers/{id}", call -> Answer.ok("server", json.of(own(call))));
        router.add("PUT", "/servers/{id}", this::update);
        router.add("DELETE", "/servers/{id}", this::delete);
        router.add("GET", "/servers/{id}/metrics", this::metrics);
        cloud.actions.on("delete_server", this::beginDelete, this::completeDelete);
    }

    private Row.Server own(Call call) {
        return cloud.own(call, Row.Server.class, call.id("id", "server"), "server");
    }

    private Answer list(Call call) {
        var status = call.all("status");
        var rows = cloud.store.all(Row.Server.class).filter(s -> status.isEmpty() || status.contains(s.status));
        return Listing.of(call, cloud.now(), "servers", rows, json::of);
    }

    private Answer update(Call call) {
        var server = own(call);
        var input = call.input();
        String name = input.text("name");
        if (name != null) {
            ServerCreation.validName(name);
            if (cloud.nameTaken(call, Row.Server.class, name, server.id)) {
                throw ApiError.taken("name", "server name is already used");
            }
        }
        if (input.has("labels")) {
            cloud.relabel(server, input.labels());
            firewalls.selectorsChanged();
        }
        if (name != null) server.name = name;
        cloud.store.put(server);
        return Answer.ok("server", json.of(server));
    }

    private Answer delete(Call call) {
        var server = own(call);
        if (server.deleteProtected) throw ApiError.protectedFrom("server");
        locks.refuseDeletionIfHeld(server);
        cloud.actions
                .runningOn(server.id)
                .toList()
                .forEach(action -> cloud.actions.end(
                        action, "server_does_not_exist_anymore", "the server does not exist anymore"));
        server.status = "deleting";
        server.shutdownDue = null;
        cloud.store.put(server);
        var action = cloud.actions.start(server.project, "delete_server", List.of(Row.Target.of("server", server.id)));
        return Answer.ok("action", cloud.actions.json(action));
    }

    private CompletableFuture<Void> beginDelete(Row.Action action) {
        long id = action.target("server");
        return cloud.guests.run(id, guest -> guest.destroy(id));
    }

    private void completeDelete(Row.Action action) {
        cloud.store.find(Row.Server.class, action.target("server")).ifPresent(server -> {
            volumes.serverGone(server);
            primaryIps.serverGone(server);
            images.serverGone(server);
            firewalls.serverGone(server);
            cloud.store.remove(server);
        });
    }

    /** No time series: an idle server. */
    private Answer metrics(Call call) {
        own(call);
        var metrics = Answer.Json.object();
        for (String field : List.of("start", "end")) metrics.put(field, call.one(field));
        metrics.put("step", 60).putObject("time_series");
        return Answer.ok("metrics", metrics);
    }
}
