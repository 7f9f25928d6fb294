package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.ArrayList;
import java.util.List;

/** {@code /firewalls} (providers.md A.6). */
final class Firewalls {
    private final Cloud cloud;
    private final FirewallUse use;

    Firewalls(Cloud cloud, Router<Call> router, FirewallUse use) {
        this.cloud = cloud;
        this.use = use;
        router.add(
                "GET",
                "/firewalls",
                call -> Listing.of(call, cloud.now(), "firewalls", cloud.store.all(Row.Firewall.class), this::json));
        router.add("POST", "/firewalls", this::create);
        router.add("GET", "/firewalls/{id}", call -> Answer.ok("firewall", json(own(call))));
        router.add("PUT", "/firewalls/{id}", this::update);
        router.add("DELETE", "/firewalls/{id}", this::delete);
        router.add("POST", "/firewalls/{id}/actions/set_rules", this::setRules);
        router.add("POST", "/firewalls/{id}/actions/apply_to_resources", this::applyTo);
        router.add("POST", "/firewalls/{id}/actions/remove_from_resources", this::removeFrom);
    }

    private Row.Firewall own(Call call) {
        return cloud.own(call, Row.Firewall.class, call.id("id", "firewall"), "firewall");
    }

    private Answer create(Call call) {
        var input = call.input();
        String name = validName(input.requiredText("name"));
        var labels = input.labels();
        var rules = FirewallRules.parse(input);
        var resources = resources(call, input, "apply_to", 422);
        // The limit is the customer's, over all projects.
        if (cloud.store.count(Row.Firewall.class) >= cloud.knobs.firewallLimit) {
            throw ApiError.limit("firewall_limit", "firewall limit exceeded");
        }
        if (cloud.nameTaken(call, Row.Firewall.class, name, 0)) {
            throw ApiError.taken("name", "firewall name is already used");
        }
        var firewall = cloud.born(new Row.Firewall(), call, name);
        firewall.labels = labels;
        firewall.rules = rules;
        cloud.store.put(firewall);
        var actions = new ArrayList<Row.Action>();
        if (!rules.isEmpty()) actions.add(rulesAction(firewall));
        actions.addAll(apply(firewall, resources));
        return Answer.created(withActions(actions).set("firewall", json(firewall)));
    }

    private static String validName(String name) {
        if (name.length() > 128) throw ApiError.invalid("name", "is longer than 128 characters");
        return name;
    }

    private Answer update(Call call) {
        var firewall = own(call);
        var input = call.input();
        String name = input.text("name");
        if (name != null && cloud.nameTaken(call, Row.Firewall.class, validName(name), firewall.id)) {
            throw ApiError.taken("name", "firewall name is already used");
        }
        if (input.has("labels")) cloud.relabel(firewall, input.labels());
        if (name != null) firewall.name = name;
        cloud.store.put(firewall);
        return Answer.ok("firewall", json(firewall));
    }

    private Answer delete(Call call) {
        var firewall = own(call);
        if (!firewall.servers.isEmpty() || !firewall.selectors.isEmpty()) {
            throw ApiError.unprocessable(
                    "resource_in_use", "firewall with ID %d is still in use".formatted(firewall.id));
        }
        cloud.store.remove(firewall);
        return Answer.EMPTY;
    }

    private Answer setRules(Call call) {
        var firewall = own(call);
        var rules = FirewallRules.parse(call.input());
        boolean busy = cloud.actions.runningOn(firewall.id).anyMatch(a -> a.command.equals("set_firewall_rules"));
        if (busy) throw new ApiError(409, "conflict", "the firewall's rules are being changed");
        firewall.rules = rules;
        cloud.store.put(firewall);
        var actions = new ArrayList<Row.Action>();
        actions.add(rulesAction(firewall));
        FirewallUse.serversOf(firewall)
                .filter(id -> cloud.store.find(Row.Server.class, id).isPresent())
                .forEach(id -> actions.add(use.reapply(firewall, id)));
        return Answer.created(withActions(actions));
    }

    private Row.Action rulesAction(Row.Firewall firewall) {
        return cloud.actions.start(
                firewall.project, "set_firewall_rules", List.of(Row.Target.of("firewall", firewall.id)));
    }

    /** A resource that a firewall is put on: one of the two is set. */
    private record Resource(Row.Server server, String selector) {}

    private List<Resource> resources(Call call, Input input, String field, int missingStatus) {
        var resources = new ArrayList<Resource>();
        for (JsonNode given : input.list(field)) {
            String type = given.path("type").asText();
            switch (type) {
                case "server" -> {
                    long id = given.path("server").path("id").asLong();
                    var server = cloud.store
                            .find(Row.Server.class, id)
                            .filter(row -> row.project == call.project().id && !row.status.equals("deleting"))
                            .orElseThrow(() -> new ApiError(
                                    missingStatus,
                                    "firewall_resource_not_found",
                                    "firewall resource 'server' with ID %d not found".formatted(id)));
                    if (field.equals("apply_to")) FirewallUse.refuseMoreThanAllowed(server.firewalls.size() + 1);
                    resources.add(new Resource(server, null));
                }
                case "label_selector" -> {
                    String selector =
                            given.path("label_selector").path("selector").asText();
                    if (selector.isEmpty()) throw ApiError.invalid(field, "label_selector.selector is missing");
                    LabelSelector.parse(selector);
                    resources.add(new Resource(null, selector));
                }
                default -> throw ApiError.invalid(field, "type must be server or label_selector");
            }
        }
        return resources;
    }

    private Answer applyTo(Call call) {
        var firewall = own(call);
        var resources = resources(call, call.input(), "apply_to", 404);
        if (resources.isEmpty()) throw ApiError.invalid("apply_to", "must not be empty");
        for (Resource resource : resources) {
            boolean already = resource.server != null
                    ? firewall.servers.contains(resource.server.id)
                    : firewall.selectors.stream().anyMatch(s -> s.selector.equals(resource.selector));
            if (already) {
                throw ApiError.unprocessable("firewall_already_applied", "firewall is already applied to the resource");
            }
        }
        return Answer.created(withActions(apply(firewall, resources)));
    }

    private List<Row.Action> apply(Row.Firewall firewall, List<Resource> resources) {
        var actions = new ArrayList<Row.Action>();
        for (Resource resource : resources) {
            if (resource.server != null) {
                firewall.servers.add(resource.server.id);
                actions.add(use.apply(firewall, resource.server));
            } else {
                var selector = new Row.SelectorUse();
                selector.selector = resource.selector;
                firewall.selectors.add(selector);
                actions.add(selectorAction(firewall, "apply_firewall"));
            }
        }
        cloud.store.put(firewall);
        use.selectorsChanged();
        return actions;
    }

    /** Hetzner's actions on selectors name the firewall alone. */
    private Row.Action selectorAction(Row.Firewall firewall, String command) {
        return cloud.actions.start(firewall.project, command, List.of(Row.Target.of("firewall", firewall.id)));
    }

    private Answer removeFrom(Call call) {
        var firewall = own(call);
        var resources = resources(call, call.input(), "remove_from", 404);
        if (resources.isEmpty()) throw ApiError.invalid("remove_from", "must not be empty");
        for (Resource resource : resources) {
            boolean bySelector = resource.server != null
                    && !firewall.servers.contains(resource.server.id)
                    && firewall.selectors.stream().anyMatch(s -> s.matched.contains(resource.server.id));
            if (bySelector) {
                throw ApiError.unprocessable(
                        "firewall_managed_by_label_selector", "the server is covered by a label selector");
            }
        }
        var actions = new ArrayList<Row.Action>();
        for (Resource resource : resources) {
            if (resource.server != null) {
                // Removing what is not applied is no error since 2025-08-04.
                actions.add(use.remove(firewall, resource.server.id));
            } else {
                removeSelector(firewall, resource.selector);
                actions.add(selectorAction(firewall, "remove_firewall"));
            }
        }
        return Answer.created(withActions(actions));
    }

    private void removeSelector(Row.Firewall firewall, String selector) {
        var before = FirewallUse.serversOf(firewall).toList();
        firewall.selectors.removeIf(s -> s.selector.equals(selector));
        cloud.store.put(firewall);
        var after = FirewallUse.serversOf(firewall).toList();
        before.stream().filter(id -> !after.contains(id)).forEach(id -> use.remove(firewall, id));
    }

    private ObjectNode withActions(List<Row.Action> actions) {
        var body = Answer.Json.object();
        ArrayNode array = body.putArray("actions");
        actions.forEach(action -> array.add(cloud.actions.json(action)));
        return body;
    }

    private ObjectNode json(Row.Firewall firewall) {
        var json = Answer.Json.object().put("id", firewall.id).put("name", firewall.name);
        json.set("labels", Labels.json(firewall.labels));
        json.put("created", Cloud.time(firewall.created));
        json.set("rules", FirewallRules.json(firewall.rules));
        var applied = json.putArray("applied_to");
        firewall.servers.forEach(id -> server(applied, id));
        firewall.selectors.forEach(selector -> {
            var one = applied.addObject().put("type", "label_selector");
            one.putObject("label_selector").put("selector", selector.selector);
            var matched = one.putArray("applied_to_resources");
            selector.matched.forEach(id -> server(matched, id));
        });
        return json;
    }

    private static void server(ArrayNode array, long id) {
        array.addObject().put("type", "server").putObject("server").put("id", id);
    }
}
