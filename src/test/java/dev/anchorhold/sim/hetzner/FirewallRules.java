package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What may be a rule, and a rule as JSON and as a guest's (providers.md A.6). */
final class FirewallRules {
    private static final int MOST_RULES = 50;
    private static final int MOST_NETWORKS = 100;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp", "esp", "gre");

    private FirewallRules() {}

    static List<Row.Rule> parse(Input input) {
        var given = input.list("rules");
        if (given.size() > MOST_RULES) throw ApiError.invalid("rules", "has more than %d rules".formatted(MOST_RULES));
        var rules = new ArrayList<Row.Rule>();
        for (JsonNode rule : given) {
            String at = "rules.%d".formatted(rules.size());
            if (!(rule instanceof ObjectNode object)) throw ApiError.invalid(at, "must be an object");
            rules.add(parse(new Input(object), at));
        }
        return rules;
    }

    private static Row.Rule parse(Input input, String at) {
        var rule = new Row.Rule();
        rule.direction = input.requiredText("direction");
        rule.protocol = input.requiredText("protocol");
        rule.port = input.text("port");
        rule.description = input.text("description");
        rule.sourceIps = networks(input, "source_ips", at);
        rule.destinationIps = networks(input, "destination_ips", at);
        boolean inbound = rule.direction.equals("in");
        if (!inbound && !rule.direction.equals("out")) throw ApiError.invalid(at + ".direction", "must be in or out");
        if (!PROTOCOLS.contains(rule.protocol)) throw ApiError.invalid(at + ".protocol", "is unknown");
        boolean ports = rule.protocol.equals("tcp") || rule.protocol.equals("udp");
        if (ports && !validPort(rule.port)) throw ApiError.invalid(at + ".port", "is not a port, a range or 'any'");
        if (!ports && rule.port != null) throw ApiError.invalid(at + ".port", "is only for tcp and udp");
        if (rule.description != null && rule.description.length() > 255) {
            throw ApiError.invalid(at + ".description", "is longer than 255 characters");
        }
        var needed = inbound ? rule.sourceIps : rule.destinationIps;
        var unwanted = inbound ? rule.destinationIps : rule.sourceIps;
        if (needed.isEmpty()) {
            throw ApiError.invalid(at + (inbound ? ".source_ips" : ".destination_ips"), "must not be empty");
        }
        if (!unwanted.isEmpty()) {
            throw ApiError.invalid(at + (inbound ? ".destination_ips" : ".source_ips"), "must be empty");
        }
        return rule;
    }

    private static List<String> networks(Input input, String field, String at) {
        var given = input.list(field);
        if (given.size() > MOST_NETWORKS) throw ApiError.invalid(at + "." + field, "has more than 100 networks");
        var networks = new ArrayList<String>();
        for (JsonNode network : given) {
            String canonical = Cidr.canonical(network.asText());
            if (canonical == null) {
                throw ApiError.invalid(at + "." + field, "'%s' is not a valid CIDR".formatted(network.asText()));
            }
            networks.add(canonical);
        }
        return networks;
    }

    private static boolean validPort(String port) {
        if (port == null) return false;
        if (port.equals("any")) return true;
        if (!port.matches("\\d{1,5}(-\\d{1,5})?")) return false;
        String[] ends = port.split("-");
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        return first >= 1 && last <= 65535 && (ends.length == 1 || first < last);
    }

    static ArrayNode json(List<Row.Rule> rules) {
        var json = Answer.Json.object().arrayNode();
        for (Row.Rule rule : rules) {
            var one = json.addObject().put("direction", rule.direction).put("protocol", rule.protocol);
            one.put("port", rule.port).put("description", rule.description);
            rule.sourceIps.forEach(one.putArray("source_ips")::add);
            rule.destinationIps.forEach(one.putArray("destination_ips")::add);
        }
        return json;
    }

    static List<GuestDriver.Rule> inbound(List<Row.Rule> rules) {
        return rules.stream()
                .filter(rule -> rule.direction.equals("in"))
                .map(rule -> new GuestDriver.Rule(
                        rule.protocol, Optional.ofNullable(rule.port), List.copyOf(rule.sourceIps)))
                .toList();
    }
}
