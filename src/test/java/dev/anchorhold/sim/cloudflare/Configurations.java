package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.regex.Pattern;

/** {@code …/configurations}: where a tunnel's requests go; replaced as a whole, the last writer wins (providers.md B.1). */
final class Configurations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SERVICE = Pattern.compile(
            "(https?|tcp|ssh|rdp|smb|ws|wss)://[^\\s]+|unix(\\+tls)?:.+|http_status:[1-5]\\d\\d|hello_world|hello-world|bastion|socks-proxy");

    private final Estate estate;
    private final Tunnels tunnels;
    private final Connectors connectors;

    Configurations(Estate estate, Router<Call> router, Tunnels tunnels, Connectors connectors) {
        this.estate = estate;
        this.tunnels = tunnels;
        this.connectors = connectors;
        router.add("GET", Tunnels.ONE + "/configurations", call -> Envelope.of(json(tunnels.live(call))));
        router.add("PUT", Tunnels.ONE + "/configurations", this::put);
    }

    private Answer put(Call call) {
        var tunnel = tunnels.live(call);
        JsonNode config = call.body().path("config");
        validate(config);
        tunnel.config = config.toString();
        tunnel.configVersion++;
        tunnel.configured = estate.now();
        estate.tables.put(tunnel);
        connectors.configure(tunnel);
        return Envelope.of(json(tunnel));
    }

    private static void validate(JsonNode config) {
        JsonNode rules = config.path("ingress");
        if (!rules.isArray() || rules.isEmpty()) {
            throw CloudflareError.badConfiguration("Validation failed: At least one ingress rule must be defined");
        }
        for (int i = 0; i < rules.size(); i++) {
            JsonNode rule = rules.get(i);
            String service = rule.path("service").asText();
            if (!SERVICE.matcher(service).matches()) {
                throw CloudflareError.badConfiguration(
                        "Validation failed: \"%s\" is not a valid service".formatted(service));
            }
            boolean last = i == rules.size() - 1;
            boolean matchesAll = rule.path("path").asText().isEmpty()
                    && (rule.path("hostname").asText().isEmpty()
                            || rule.path("hostname").asText().equals("*"));
            if (last && !matchesAll) {
                throw CloudflareError.badConfiguration("Validation failed: The last ingress rule must match all URLs"
                        + " (i.e. it should not have a hostname or path filter)");
            }
            if (!last && matchesAll) {
                throw CloudflareError.badConfiguration(
                        ("Validation failed: Rule #%d is matching the hostname '', but this"
                                        + " will match every hostname, meaning the rules which follow it will never be triggered.")
                                .formatted(i + 1));
            }
        }
    }

    private static ObjectNode json(Row.Tunnel tunnel) {
        var json = Answer.Json.object()
                .put("tunnel_id", tunnel.id)
                .put("account_id", tunnel.account)
                .put("version", tunnel.configVersion)
                .put("source", tunnel.configSource)
                .put("created_at", Estate.time(tunnel.configured == null ? tunnel.created : tunnel.configured));
        try {
            json.set("config", tunnel.config == null ? json.nullNode() : JSON.readTree(tunnel.config));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        return json;
    }
}
