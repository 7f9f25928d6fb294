package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Handlers of {@code /servers}: list, change, delete; {@link ServerCreation} creates them, {@link ServerActions} has
 * their actions.
 */
final class Servers {
    private static final int MAX_SAMPLES = 500;
    private static final Map<String, List<String>> SERIES = Map.of(
            "cpu", List.of("cpu"),
            "disk", List.of("disk.0.iops.read", "disk.0.iops.write", "disk.0.bandwidth.read", "disk.0.bandwidth.write"),
            "network",
                    List.of(
                            "network.0.pps.in",
                            "network.0.pps.out",
                            "network.0.bandwidth.in",
                            "network.0.bandwidth.out"));

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
            images.deleteBackups(server);
            firewalls.serverDeleted(server);
            state.tables.remove(server);
        });
    }

    /** Of an idle server: every series that was asked for, all zero. */
    private ApiResponse metrics(HetznerRequest request) {
        own(request);
        var types = request.all("type").stream()
                .flatMap(given -> Stream.of(given.split(",")))
                .toList();
        if (types.isEmpty() || !SERIES.keySet().containsAll(types)) {
            throw HetznerApiError.invalid("type", "must be one or more of cpu, disk, network");
        }
        var start = time(request, "start");
        var end = time(request, "end");
        if (end.isBefore(start)) throw HetznerApiError.invalid("end", "must not be before start");
        int step = step(request, start, end);
        var metrics = ApiResponse.Json.object();
        metrics.put("start", HetznerState.time(start)).put("end", HetznerState.time(end));
        var series = metrics.put("step", step).putObject("time_series");
        for (String name :
                types.stream().flatMap(type -> SERIES.get(type).stream()).toList()) {
            var values = series.putObject(name).putArray("values");
            for (long at = start.getEpochSecond(); at <= end.getEpochSecond(); at += step) {
                values.addArray().add((double) at).add("0");
            }
        }
        return ApiResponse.ok("metrics", metrics);
    }

    private static Instant time(HetznerRequest request, String field) {
        try {
            return OffsetDateTime.parse(request.one(field)).toInstant();
        } catch (NullPointerException | DateTimeParseException e) {
            throw HetznerApiError.invalid(field, "must be a time in ISO 8601");
        }
    }

    /** Not given: as few seconds as give at most 500 samples. */
    private static int step(HetznerRequest request, Instant start, Instant end) {
        int least = (int) Math.ceilDiv(Math.max(1, Duration.between(start, end).toSeconds()), MAX_SAMPLES);
        if (request.one("step") == null) return least;
        try {
            return Math.max(least, Integer.parseInt(request.one("step")));
        } catch (NumberFormatException e) {
            throw HetznerApiError.invalid("step", "must be a number of seconds");
        }
    }
}
