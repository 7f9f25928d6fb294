package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Validates firewall rules, and writes them as JSON and as a guest's rules (providers.md A.6). */
final class FirewallRules {
    private static final int MAX_RULES = 50;
    private static final int MAX_NETWORKS = 100;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp", "esp", "gre");

    private FirewallRules() {}

    static List<HetznerRow.Rule> parse(RequestFields fields) {
        var given = fields.list("rules");
        if (given.size() > MAX_RULES)
            throw HetznerApiError.invalid("rules", "has more than %d rules".formatted(MAX_RULES));
        var rules = new ArrayList<HetznerRow.Rule>();
        for (JsonNode rule : given) {
            String at = "rules.%d".formatted(rules.size());
            if (!(rule instanceof ObjectNode object)) throw HetznerApiError.invalid(at, "must be an object");
            rules.add(parse(new RequestFields(object), at));
        }
        return rules;
    }

    private static HetznerRow.Rule parse(RequestFields fields, String at) {
        var rule = new HetznerRow.Rule();
        rule.direction = fields.requiredText("direction");
        rule.protocol = fields.requiredText("protocol");
        rule.port = fields.text("port");
        rule.description = fields.text("description");
        rule.sourceIps = networks(fields, "source_ips", at);
        rule.destinationIps = networks(fields, "destination_ips", at);
        boolean inbound = rule.direction.equals("in");
        if (!inbound && !rule.direction.equals("out"))
            throw HetznerApiError.invalid(at + ".direction", "must be in or out");
        if (!PROTOCOLS.contains(rule.protocol)) throw HetznerApiError.invalid(at + ".protocol", "is unknown");
        boolean ports = rule.protocol.equals("tcp") || rule.protocol.equals("udp");
        if (ports && !validPort(rule.port))
            throw HetznerApiError.invalid(at + ".port", "is not a port, a range or 'any'");
        if (!ports && rule.port != null) throw HetznerApiError.invalid(at + ".port", "is only for tcp and udp");
        if (rule.description != null && rule.description.length() > 255) {
            throw HetznerApiError.invalid(at + ".description", "is longer than 255 characters");
        }
        var needed = inbound ? rule.sourceIps : rule.destinationIps;
        var unwanted = inbound ? rule.destinationIps : rule.sourceIps;
        if (needed.isEmpty()) {
            throw HetznerApiError.invalid(at + (inbound ? ".source_ips" : ".destination_ips"), "must not be empty");
        }
        if (!unwanted.isEmpty()) {
            throw HetznerApiError.invalid(at + (inbound ? ".destination_ips" : ".source_ips"), "must be empty");
        }
        return rule;
    }

    private static List<String> networks(RequestFields fields, String field, String at) {
        var given = fields.list(field);
        if (given.size() > MAX_NETWORKS) throw HetznerApiError.invalid(at + "." + field, "has more than 100 networks");
        var networks = new ArrayList<String>();
        for (JsonNode network : given) {
            String canonical = CanonicalCidr.canonical(network.asText());
            if (canonical == null) {
                throw HetznerApiError.invalid(at + "." + field, "'%s' is not a valid CIDR".formatted(network.asText()));
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

    static ArrayNode json(List<HetznerRow.Rule> rules) {
        var json = ApiResponse.Json.object().arrayNode();
        for (HetznerRow.Rule rule : rules) {
            var one = json.addObject().put("direction", rule.direction).put("protocol", rule.protocol);
            one.put("port", rule.port).put("description", rule.description);
            rule.sourceIps.forEach(one.putArray("source_ips")::add);
            rule.destinationIps.forEach(one.putArray("destination_ips")::add);
        }
        return json;
    }

    static List<GuestDriver.Rule> inbound(List<HetznerRow.Rule> rules) {
        return rules.stream()
                .filter(rule -> rule.direction.equals("in"))
                .map(rule -> new GuestDriver.Rule(
                        rule.protocol, Optional.ofNullable(rule.port), List.copyOf(rule.sourceIps)))
                .toList();
    }
}
