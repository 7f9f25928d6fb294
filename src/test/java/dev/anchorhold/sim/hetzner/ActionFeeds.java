package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Handlers of {@code /actions} and of the feeds {@code /servers/actions}, {@code /servers/{id}/actions} and so on of
 * each family.
 */
final class ActionFeeds {
    private final HetznerState state;

    ActionFeeds(HetznerState state, Router<HetznerRequest> router) {
        this.state = state;
        router.add("GET", "/actions", this::byIds);
        router.add("GET", "/actions/{action}", request -> one(request, _ -> true));
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
        router.add("GET", "/" + path + "/actions", request -> feed(request, action -> action.on(type)));
        router.add("GET", "/" + path + "/actions/{action}", request -> one(request, action -> action.on(type)));
        router.add("GET", "/" + path + "/{id}/actions", request -> {
            long id = request.id("id", type);
            return feed(request, action -> action.on(type, id));
        });
        router.add("GET", "/" + path + "/{id}/actions/{action}", request -> {
            long id = request.id("id", type);
            return one(request, action -> action.on(type, id));
        });
    }

    /** Every id asked for is listed, also of resources long deleted; ids are mandatory; there is no {@code meta}. */
    private ApiResponse byIds(HetznerRequest request) {
        var ids = ids(request);
        if (ids.isEmpty()) throw HetznerApiError.invalid("id", "Missing data for required field.");
        var found = new ArrayList<HetznerRow.Action>();
        for (long id : new TreeSet<>(ids)) {
            state.tables
                    .find(HetznerRow.Action.class, id)
                    .filter(action -> action.project == request.project().id)
                    .ifPresent(found::add);
        }
        var body = ApiResponse.Json.object();
        var actions = body.putArray("actions");
        ListEndpoint.sorted(request, found, ActionScheduler.ORDERS)
                .forEach(action -> actions.add(state.actions.json(action)));
        return ApiResponse.ok(body);
    }

    private ApiResponse feed(HetznerRequest request, Predicate<HetznerRow.Action> wanted) {
        var status = new HashSet<>(request.all("status"));
        var ids = new HashSet<>(ids(request));
        List<HetznerRow.Action> rows = state.tables
                .all(HetznerRow.Action.class)
                .filter(action -> action.project == request.project().id)
                .filter(action -> status.isEmpty() || status.contains(action.status))
                .filter(action -> ids.isEmpty() || ids.contains(action.id))
                .filter(wanted)
                .toList();
        return ListEndpoint.page(
                request, "actions", ListEndpoint.sorted(request, rows, ActionScheduler.ORDERS), state.actions::json);
    }

    private ApiResponse one(HetznerRequest request, Predicate<HetznerRow.Action> wanted) {
        var action = state.own(request, HetznerRow.Action.class, request.id("action", "action"), "action");
        if (!wanted.test(action)) throw HetznerApiError.notFound("action", action.id);
        return ApiResponse.ok("action", state.actions.json(action));
    }

    private static List<Long> ids(HetznerRequest request) {
        try {
            return request.all("id").stream().map(Long::valueOf).toList();
        } catch (NumberFormatException e) {
            throw HetznerApiError.invalid("id", "must be an integer");
        }
    }
}
