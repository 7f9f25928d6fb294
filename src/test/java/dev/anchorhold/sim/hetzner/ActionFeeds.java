package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/** {@code /actions} and the feeds {@code /servers/actions}, {@code /servers/{id}/actions} and so on of each family. */
final class ActionFeeds {
    private final HetznerState hetznerState;

    ActionFeeds(HetznerState hetznerState, Router<HetznerRequest> router) {
        this.hetznerState = hetznerState;
        router.add("GET", "/actions", this::byIds);
        router.add("GET", "/actions/{action}", hetznerRequest -> one(hetznerRequest, _ -> true));
        family(router, "servers", "server");
        family(router, "firewalls", "firewall");
        family(router, "volumes", "volume");
        family(router, "images", "image");
        family(router, "primary_ips", "primary_ip");
        for (String none : List.of("networks", "floating_ips", "load_balancers", "certificates")) {
            family(router, none, none.substring(0, none.length() - 1));
        }
    }

    private void family(Router<HetznerRequest> router, String path, String type) {
        router.add("GET", "/" + path + "/actions", hetznerRequest -> feed(hetznerRequest, action -> action.on(type)));
        router.add(
                "GET",
                "/" + path + "/actions/{action}",
                hetznerRequest -> one(hetznerRequest, action -> action.on(type)));
        router.add("GET", "/" + path + "/{id}/actions", hetznerRequest -> {
            long id = hetznerRequest.id("id", type);
            return feed(hetznerRequest, action -> action.on(type, id));
        });
        router.add("GET", "/" + path + "/{id}/actions/{action}", hetznerRequest -> {
            long id = hetznerRequest.id("id", type);
            return one(hetznerRequest, action -> action.on(type, id));
        });
    }

    /** Every id asked for is answered, also of things long deleted; ids are mandatory; there is no {@code meta}. */
    private ApiResponse byIds(HetznerRequest hetznerRequest) {
        var ids = ids(hetznerRequest);
        if (ids.isEmpty()) throw HetznerApiError.invalid("id", "Missing data for required field.");
        var found = new ArrayList<HetznerRow.Action>();
        for (long id : new TreeSet<>(ids)) {
            hetznerState
                    .hetznerTables
                    .find(HetznerRow.Action.class, id)
                    .filter(action -> action.project == hetznerRequest.project().id)
                    .ifPresent(found::add);
        }
        var body = ApiResponse.Json.object();
        var actions = body.putArray("actions");
        ListEndpoint.sorted(hetznerRequest, found, ActionScheduler.ORDERS)
                .forEach(action -> actions.add(hetznerState.actions.json(action)));
        return ApiResponse.ok(body);
    }

    private ApiResponse feed(HetznerRequest hetznerRequest, Predicate<HetznerRow.Action> wanted) {
        var status = new HashSet<>(hetznerRequest.all("status"));
        var ids = new HashSet<>(ids(hetznerRequest));
        List<HetznerRow.Action> rows = hetznerState
                .hetznerTables
                .all(HetznerRow.Action.class)
                .filter(action -> action.project == hetznerRequest.project().id)
                .filter(action -> status.isEmpty() || status.contains(action.status))
                .filter(action -> ids.isEmpty() || ids.contains(action.id))
                .filter(wanted)
                .toList();
        return ListEndpoint.page(
                hetznerRequest,
                "actions",
                ListEndpoint.sorted(hetznerRequest, rows, ActionScheduler.ORDERS),
                hetznerState.actions::json);
    }

    private ApiResponse one(HetznerRequest hetznerRequest, Predicate<HetznerRow.Action> wanted) {
        var action = hetznerState.own(
                hetznerRequest, HetznerRow.Action.class, hetznerRequest.id("action", "action"), "action");
        if (!wanted.test(action)) throw HetznerApiError.notFound("action", action.id);
        return ApiResponse.ok("action", hetznerState.actions.json(action));
    }

    private static List<Long> ids(HetznerRequest hetznerRequest) {
        try {
            return hetznerRequest.all("id").stream().map(Long::valueOf).toList();
        } catch (NumberFormatException e) {
            throw HetznerApiError.invalid("id", "must be an integer");
        }
    }
}
