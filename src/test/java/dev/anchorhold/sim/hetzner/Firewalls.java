package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.ArrayList;
import java.util.List;

/** Handlers of {@code /firewalls} (providers.md A.6). */
final class Firewalls {
    private final HetznerState state;
    private final FirewallAttachments attachments;

    Firewalls(HetznerState state, Router<HetznerRequest> router, FirewallAttachments attachments) {
        this.state = state;
        this.attachments = attachments;
        router.add(
                "GET",
                "/firewalls",
                request -> ListEndpoint.of(
                        request, state.now(), "firewalls", state.tables.all(HetznerRow.Firewall.class), this::json));
        router.add("POST", "/firewalls", this::create);
        router.add("GET", "/firewalls/{id}", request -> ApiResponse.ok("firewall", json(own(request))));
        router.add("PUT", "/firewalls/{id}", this::update);
        router.add("DELETE", "/firewalls/{id}", this::delete);
        router.add("POST", "/firewalls/{id}/actions/set_rules", this::setRules);
        router.add("POST", "/firewalls/{id}/actions/apply_to_resources", this::applyTo);
        router.add("POST", "/firewalls/{id}/actions/remove_from_resources", this::removeFrom);
    }

    private HetznerRow.Firewall own(HetznerRequest request) {
        return state.own(request, HetznerRow.Firewall.class, request.id("id", "firewall"), "firewall");
    }

    private ApiResponse create(HetznerRequest request) {
        var fields = request.input();
        String name = validName(fields.requiredText("name"));
        var labels = fields.labels();
        var rules = FirewallRules.parse(fields);
        var resources = resources(request, fields, "apply_to", 422);
        // The limit is the customer's, over all projects.
        if (state.tables.count(HetznerRow.Firewall.class) >= state.knobs.firewallLimit) {
            throw HetznerApiError.limit("firewall_limit", "firewall limit exceeded");
        }
        if (state.nameTaken(request, HetznerRow.Firewall.class, name, 0)) {
            throw HetznerApiError.taken("name", "firewall name is already used");
        }
        var firewall = state.initialize(new HetznerRow.Firewall(), request, name);
        firewall.labels = labels;
        firewall.rules = rules;
        state.tables.put(firewall);
        var actions = new ArrayList<HetznerRow.Action>();
        if (!rules.isEmpty()) actions.add(rulesAction(firewall));
        actions.addAll(apply(firewall, resources));
        return ApiResponse.created(withActions(actions).set("firewall", json(firewall)));
    }

    private static String validName(String name) {
        if (name.length() > 128) throw HetznerApiError.invalid("name", "is longer than 128 characters");
        return name;
    }

    private ApiResponse update(HetznerRequest request) {
        var firewall = own(request);
        var fields = request.input();
        String name = fields.text("name");
        if (name != null && state.nameTaken(request, HetznerRow.Firewall.class, validName(name), firewall.id)) {
            throw HetznerApiError.taken("name", "firewall name is already used");
        }
        if (fields.has("labels")) state.relabel(firewall, fields.labels());
        if (name != null) firewall.name = name;
        state.tables.put(firewall);
        return ApiResponse.ok("firewall", json(firewall));
    }

    private ApiResponse delete(HetznerRequest request) {
        var firewall = own(request);
        if (!firewall.servers.isEmpty() || !firewall.selectors.isEmpty()) {
            throw HetznerApiError.unprocessable(
                    "resource_in_use", "firewall with ID %d is still in use".formatted(firewall.id));
        }
        state.tables.remove(firewall);
        return ApiResponse.EMPTY;
    }

    private ApiResponse setRules(HetznerRequest request) {
        var firewall = own(request);
        var rules = FirewallRules.parse(request.input());
        boolean busy = state.actions.runningOn(firewall.id).anyMatch(a -> a.command.equals("set_firewall_rules"));
        if (busy) throw new HetznerApiError(409, "conflict", "the firewall's rules are being changed");
        firewall.rules = rules;
        state.tables.put(firewall);
        var actions = new ArrayList<HetznerRow.Action>();
        actions.add(rulesAction(firewall));
        FirewallAttachments.serversOf(firewall)
                .filter(id -> state.tables.find(HetznerRow.Server.class, id).isPresent())
                .forEach(id -> actions.add(attachments.reapply(firewall, id)));
        return ApiResponse.created(withActions(actions));
    }

    private HetznerRow.Action rulesAction(HetznerRow.Firewall firewall) {
        return state.actions.start(
                firewall.project, "set_firewall_rules", List.of(HetznerRow.Target.of("firewall", firewall.id)));
    }

    /** A resource that a firewall is applied to: one of the two is set. */
    private record Resource(HetznerRow.Server server, String selector) {}

    private List<Resource> resources(HetznerRequest request, RequestFields fields, String field, int missingStatus) {
        var resources = new ArrayList<Resource>();
        for (JsonNode given : fields.list(field)) {
            String type = given.path("type").asText();
            switch (type) {
                case "server" -> {
                    long id = given.path("server").path("id").asLong();
                    var server = state.tables
                            .find(HetznerRow.Server.class, id)
                            .filter(row -> row.project == request.project().id && !row.status.equals("deleting"))
                            .orElseThrow(() -> new HetznerApiError(
                                    missingStatus,
                                    "firewall_resource_not_found",
                                    "firewall resource 'server' with ID %d not found".formatted(id)));
                    if (field.equals("apply_to")) FirewallAttachments.checkLimit(server.firewalls.size() + 1);
                    resources.add(new Resource(server, null));
                }
                case "label_selector" -> {
                    String selector =
                            given.path("label_selector").path("selector").asText();
                    if (selector.isEmpty()) throw HetznerApiError.invalid(field, "label_selector.selector is missing");
                    LabelSelector.parse(selector);
                    resources.add(new Resource(null, selector));
                }
                default -> throw HetznerApiError.invalid(field, "type must be server or label_selector");
            }
        }
        return resources;
    }

    private ApiResponse applyTo(HetznerRequest request) {
        var firewall = own(request);
        var resources = resources(request, request.input(), "apply_to", 404);
        if (resources.isEmpty()) throw HetznerApiError.invalid("apply_to", "must not be empty");
        for (Resource resource : resources) {
            boolean already = resource.server != null
                    ? firewall.servers.contains(resource.server.id)
                    : firewall.selectors.stream().anyMatch(s -> s.selector.equals(resource.selector));
            if (already) {
                throw HetznerApiError.unprocessable(
                        "firewall_already_applied", "firewall is already applied to the resource");
            }
        }
        return ApiResponse.created(withActions(apply(firewall, resources)));
    }

    private List<HetznerRow.Action> apply(HetznerRow.Firewall firewall, List<Resource> resources) {
        var actions = new ArrayList<HetznerRow.Action>();
        for (Resource resource : resources) {
            if (resource.server != null) {
                firewall.servers.add(resource.server.id);
                actions.add(attachments.apply(firewall, resource.server));
            } else {
                var selector = new HetznerRow.SelectorUse();
                selector.selector = resource.selector;
                firewall.selectors.add(selector);
                actions.add(selectorAction(firewall, "apply_firewall"));
            }
        }
        state.tables.put(firewall);
        attachments.selectorsChanged();
        return actions;
    }

    /** Hetzner's actions on selectors name the firewall alone. */
    private HetznerRow.Action selectorAction(HetznerRow.Firewall firewall, String command) {
        return state.actions.start(firewall.project, command, List.of(HetznerRow.Target.of("firewall", firewall.id)));
    }

    private ApiResponse removeFrom(HetznerRequest request) {
        var firewall = own(request);
        var resources = resources(request, request.input(), "remove_from", 404);
        if (resources.isEmpty()) throw HetznerApiError.invalid("remove_from", "must not be empty");
        for (Resource resource : resources) {
            boolean bySelector = resource.server != null
                    && !firewall.servers.contains(resource.server.id)
                    && firewall.selectors.stream().anyMatch(s -> s.matched.contains(resource.server.id));
            if (bySelector) {
                throw HetznerApiError.unprocessable(
                        "firewall_managed_by_label_selector", "the server is covered by a label selector");
            }
        }
        var actions = new ArrayList<HetznerRow.Action>();
        for (Resource resource : resources) {
            if (resource.server != null) {
                // Removing what is not applied is no error since 2025-08-04.
                actions.add(attachments.remove(firewall, resource.server.id));
            } else {
                removeSelector(firewall, resource.selector);
                actions.add(selectorAction(firewall, "remove_firewall"));
            }
        }
        return ApiResponse.created(withActions(actions));
    }

    private void removeSelector(HetznerRow.Firewall firewall, String selector) {
        var before = FirewallAttachments.serversOf(firewall).toList();
        firewall.selectors.removeIf(s -> s.selector.equals(selector));
        state.tables.put(firewall);
        var after = FirewallAttachments.serversOf(firewall).toList();
        before.stream().filter(id -> !after.contains(id)).forEach(id -> attachments.remove(firewall, id));
    }

    private ObjectNode withActions(List<HetznerRow.Action> actions) {
        var body = ApiResponse.Json.object();
        ArrayNode array = body.putArray("actions");
        actions.forEach(action -> array.add(state.actions.json(action)));
        return body;
    }

    private ObjectNode json(HetznerRow.Firewall firewall) {
        var json = ApiResponse.Json.object().put("id", firewall.id).put("name", firewall.name);
        json.set("labels", Labels.json(firewall.labels));
        json.put("created", HetznerState.time(firewall.created));
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
