package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Handlers of {@code …/connections} and {@code …/connectors}: the connectors of a tunnel (providers.md B.1). */
final class TunnelConnections {
    private final Tunnels tunnels;
    private final ConnectorRegistry connectors;

    TunnelConnections(Router<CloudflareRequest> router, Tunnels tunnels, ConnectorRegistry connectors) {
        this.tunnels = tunnels;
        this.connectors = connectors;
        router.add("GET", Tunnels.ONE + "/connections", this::list);
        router.add("DELETE", Tunnels.ONE + "/connections", this::drop);
        router.add("GET", Tunnels.ONE + "/connectors/{connector_id}", this::one);
    }

    private ApiResponse list(CloudflareRequest request) {
        var tunnel = tunnels.live(request);
        var list = JsonNodeFactory.instance.arrayNode();
        tunnel.connections.stream()
                .collect(Collectors.groupingBy(
                        connection -> connection.connector.id(), LinkedHashMap::new, Collectors.toList()))
                .values()
                .forEach(connections -> list.add(json(tunnel, connections)));
        return Envelope.of(list);
    }

    private ApiResponse drop(CloudflareRequest request) {
        String client = request.one("client_id");
        connectors.drop(
                tunnels.live(request),
                connection -> client == null || connection.connector.id().equals(client));
        return Envelope.of(null);
    }

    private ApiResponse one(CloudflareRequest request) {
        var tunnel = tunnels.live(request);
        var connections = tunnel.connections.stream()
                .filter(it -> it.connector.id().equals(request.path().get("connector_id")))
                .toList();
        if (connections.isEmpty()) throw new CloudflareApiError(404, 1003, "Connector not found");
        return Envelope.of(json(tunnel, connections));
    }

    private static ObjectNode json(CloudflareRow.Tunnel tunnel, List<ConnectorConnection> connections) {
        var first = connections.getFirst();
        var json = ApiResponse.Json.object()
                .put("id", first.connector.id())
                .put("arch", first.connector.arch())
                .put("version", first.connector.version())
                .put("run_at", CloudflareState.time(first.opened))
                .put("config_version", tunnel.configVersion);
        json.putArray("features").add("allow_remote_config");
        var conns = json.putArray("conns");
        for (var connection : connections) {
            conns.addObject()
                    .put("id", connection.id)
                    .put("uuid", connection.id)
                    .put("client_id", connection.connector.id())
                    .put("client_version", connection.connector.version())
                    .put("colo_name", "hel0" + (1 + connection.index % 2))
                    .put("is_pending_reconnect", connection.pendingSince != null)
                    .put("opened_at", CloudflareState.time(connection.opened))
                    .put("origin_ip", connection.connector.originIp());
        }
        return json;
    }
}
