package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.regex.Pattern;

/**
 * Handlers of {@code …/configurations}: a tunnel's ingress rules; replaced as a whole, the last writer wins
 * (providers.md B.1).
 */
final class TunnelConfigurations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SERVICE = Pattern.compile(
            "(https?|tcp|ssh|rdp|smb|ws|wss)://[^\\s]+|unix(\\+tls)?:.+|http_status:[1-5]\\d\\d|hello_world|hello-world|bastion|socks-proxy");

    private final CloudflareState state;
    private final Tunnels tunnels;
    private final ConnectorRegistry connectors;

    TunnelConfigurations(
            CloudflareState state, Router<CloudflareRequest> router, Tunnels tunnels, ConnectorRegistry connectors) {
        this.state = state;
        this.tunnels = tunnels;
        this.connectors = connectors;
        router.add("GET", Tunnels.ONE + "/configurations", request -> Envelope.of(json(tunnels.live(request))));
        router.add("PUT", Tunnels.ONE + "/configurations", this::put);
    }

    private ApiResponse put(CloudflareRequest request) {
        var tunnel = tunnels.live(request);
        JsonNode config = request.body().path("config");
        validate(config);
        tunnel.config = config.toString();
        tunnel.configVersion++;
        tunnel.configured = state.now();
        state.tables.put(tunnel);
        connectors.configure(tunnel);
        return Envelope.of(json(tunnel));
    }

    private static void validate(JsonNode config) {
        JsonNode rules = config.path("ingress");
        if (!rules.isArray() || rules.isEmpty()) {
            throw CloudflareApiError.badConfiguration("Validation failed: At least one ingress rule must be defined");
        }
        for (int i = 0; i < rules.size(); i++) {
            JsonNode rule = rules.get(i);
            String service = rule.path("service").asText();
            if (!SERVICE.matcher(service).matches()) {
                throw CloudflareApiError.badConfiguration(
                        "Validation failed: \"%s\" is not a valid service".formatted(service));
            }
            boolean last = i == rules.size() - 1;
            boolean matchesAll = rule.path("path").asText().isEmpty()
                    && (rule.path("hostname").asText().isEmpty()
                            || rule.path("hostname").asText().equals("*"));
            if (last && !matchesAll) {
                throw CloudflareApiError.badConfiguration("Validation failed: The last ingress rule must match all URLs"
                        + " (i.e. it should not have a hostname or path filter)");
            }
            if (!last && matchesAll) {
                throw CloudflareApiError.badConfiguration(
                        ("Validation failed: Rule #%d is matching the hostname '', but this"
                                        + " will match every hostname, meaning the rules which follow it will never be triggered.")
                                .formatted(i + 1));
            }
        }
    }

    private static ObjectNode json(CloudflareRow.Tunnel tunnel) {
        var json = ApiResponse.Json.object()
                .put("tunnel_id", tunnel.id)
                .put("account_id", tunnel.account)
                .put("version", tunnel.configVersion)
                .put("source", tunnel.configSource)
                .put(
                        "created_at",
                        CloudflareState.time(tunnel.configured == null ? tunnel.created : tunnel.configured));
        try {
            json.set("config", tunnel.config == null ? json.nullNode() : JSON.readTree(tunnel.config));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        return json;
    }
}
