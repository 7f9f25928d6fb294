package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/** {@code /actions} and the feeds {@code /servers/actions}, {@code /servers/{id}/actions} and so on of each family. */
final class ActionFeeds {
    private final Cloud cloud;

    ActionFeeds(Cloud cloud, Router<Call> router) {
        this.cloud = cloud;
        router.add("GET", "/actions", this::byIds);
        router.add("GET", "/actions/{action}", call -> one(call, _ -> true));
        family(router, "servers", "server");
        family(router, "firewalls", "firewall");
        family(router, "volumes", "volume");
        family(router, "images", "image");
        family(router, "primary_ips", "primary_ip");
        for (String none : List.of("networks", "floating_ips", "load_balancers", "certificates")) {
            family(router, none, none.substring(0, none.length() - 1));
        }
    }

    private void family(Router<Call> router, String path, String type) {
        router.add("GET", "/" + path + "/actions", call -> feed(call, action -> action.on(type)));
        router.add("GET", "/" + path + "/actions/{action}", call -> one(call, action -> action.on(type)));
        router.add("GET", "/" + path + "/{id}/actions", call -> {
            long id = call.id("id", type);
            return feed(call, action -> action.on(type, id));
        });
        router.add("GET", "/" + path + "/{id}/actions/{action}", call -> {
            long id = call.id("id", type);
            return one(call, action -> action.on(type, id));
        });
    }

    /** Every id asked for is answered, also of things long deleted; ids are mandatory; there is no {@code meta}. */
    private Answer byIds(Call call) {
        var ids = ids(call);
        if (ids.isEmpty()) throw ApiError.invalid("id", "Missing data for required field.");
        var found = new ArrayList<Row.Action>();
        for (long id : new TreeSet<>(ids)) {
            cloud.store
                    .find(Row.Action.class, id)
                    .filter(action -> action.project == call.project().id)
                    .ifPresent(found::add);
        }
        var body = Answer.Json.object();
        var actions = body.putArray("actions");
        Listing.sorted(call, found, Actions.ORDERS).forEach(action -> actions.add(cloud.actions.json(action)));
        return Answer.ok(body);
    }

    private Answer feed(Call call, Predicate<Row.Action> wanted) {
        var status = new HashSet<>(call.all("status"));
        var ids = new HashSet<>(ids(call));
        List<Row.Action> rows = cloud.store
                .all(Row.Action.class)
                .filter(action -> action.project == call.project().id)
                .filter(action -> status.isEmpty() || status.contains(action.status))
                .filter(action -> ids.isEmpty() || ids.contains(action.id))
                .filter(wanted)
                .toList();
        return Listing.page(call, "actions", Listing.sorted(call, rows, Actions.ORDERS), cloud.actions::json);
    }

    private Answer one(Call call, Predicate<Row.Action> wanted) {
        var action = cloud.own(call, Row.Action.class, call.id("action", "action"), "action");
        if (!wanted.test(action)) throw ApiError.notFound("action", action.id);
        return Answer.ok("action", cloud.actions.json(action));
    }

    private static List<Long> ids(Call call) {
        try {
            return call.all("id").stream().map(Long::valueOf).toList();
        } catch (NumberFormatException e) {
            throw ApiError.invalid("id", "must be an integer");
        }
    }
}
