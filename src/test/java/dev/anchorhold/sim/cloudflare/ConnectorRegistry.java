package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * The connectors' open connections by tunnel: authenticates connectors by a tunnel's token, registers and drops them.
 * Used under the state's lock.
 */
final class ConnectorRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Why a connector is rejected. */
    static final class Unauthorized extends Exception {
        private static final long serialVersionUID = 1L;

        Unauthorized(String message) {
            super(message);
        }
    }

    private final CloudflareState state;

    ConnectorRegistry(CloudflareState state) {
        this.state = state;
    }

    /** Connections that were open when the simulator was killed are closed now. */
    void resume() {
        state.tables
                .all(CloudflareRow.Tunnel.class)
                .filter(tunnel -> tunnel.activeAt != null && tunnel.inactiveAt == null)
                .forEach(this::noteActivity);
    }

    static String token(CloudflareRow.Tunnel tunnel) {
        var token = JSON.createObjectNode()
                .put("a", tunnel.account)
                .put("t", tunnel.id)
                .put("s", tunnel.secret);
        return Base64.getEncoder().encodeToString(token.toString().getBytes());
    }

    /** The tunnel whose token this is: its secret must be the current one, and it must not be deleted. */
    CloudflareRow.Tunnel authenticate(String token) throws Unauthorized {
        try {
            JsonNode parts = JSON.readTree(Base64.getDecoder().decode(token.strip()));
            var tunnel = find(parts.path("t").asText())
                    .filter(it -> it.account.equals(parts.path("a").asText()))
                    .orElseThrow(() -> new Unauthorized("Unauthorized: Tunnel not found"));
            if (tunnel.secret.equals(parts.path("s").asText())) return tunnel;
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new Unauthorized("Unauthorized: Invalid tunnel token");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new Unauthorized("Unauthorized: Invalid tunnel secret");
    }

    Optional<CloudflareRow.Tunnel> find(String id) {
        return state.tables
                .all(CloudflareRow.Tunnel.class)
                .filter(tunnel -> tunnel.id.equals(id) && tunnel.deleted == null)
                .findFirst();
    }

    /** Picks a connection for a request: of the connector that came last, since an older one may be dead without our knowing. */
    Optional<ConnectorConnection> pick(CloudflareRow.Tunnel tunnel) {
        var open = tunnel.connections.stream()
                .filter(it -> it.pendingSince == null)
                .toList();
        if (open.isEmpty()) return Optional.empty();
        var newest = open.stream()
                .filter(it -> it.connector.equals(open.getLast().connector))
                .toList();
        return Optional.of(newest.get(ThreadLocalRandom.current().nextInt(newest.size())));
    }

    ConnectorConnection register(
            CloudflareRow.Tunnel tunnel,
            ConnectorConnection.Connector connector,
            int index,
            ConnectorConnection.Link link) {
        tunnel.connections.removeIf(
                it -> it.pendingSince != null && it.connector.id().equals(connector.id()) && it.index == index);
        var connection = new ConnectorConnection(connector, index, state.now(), link);
        tunnel.connections.add(connection);
        noteActivity(tunnel);
        return connection;
    }

    /** The connector has disconnected. */
    void unregister(CloudflareRow.Tunnel tunnel, ConnectorConnection connection) {
        if (tunnel.connections.contains(connection) && connection.pendingSince == null) end(tunnel, connection);
    }

    /** Closes the connections that match; connectors whose token is still good will reconnect. */
    void drop(CloudflareRow.Tunnel tunnel, Predicate<ConnectorConnection> which) {
        for (var connection : List.copyOf(tunnel.connections)) {
            if (!which.test(connection) || connection.pendingSince != null) continue;
            end(tunnel, connection);
            connection.link.drop();
        }
    }

    private void end(CloudflareRow.Tunnel tunnel, ConnectorConnection connection) {
        connection.pendingSince = state.now();
        if (state.knobs.connectionLinger.isZero()) tunnel.connections.remove(connection);
        else state.later(state.knobs.connectionLinger, () -> tunnel.connections.remove(connection));
        noteActivity(tunnel);
    }

    private void noteActivity(CloudflareRow.Tunnel tunnel) {
        boolean active = tunnel.connections.stream().anyMatch(it -> it.pendingSince == null);
        boolean wasActive = tunnel.activeAt != null && tunnel.inactiveAt == null;
        if (active == wasActive) return;
        if (active) {
            tunnel.activeAt = state.now();
            tunnel.inactiveAt = null;
        } else {
            tunnel.inactiveAt = state.now();
        }
        state.tables.put(tunnel);
    }

    /** Sends the configuration to every connection, unless the tunnel is configured on its own machine. */
    void configure(CloudflareRow.Tunnel tunnel) {
        if (tunnel.configSource.equals("local")) return;
        for (var connection : List.copyOf(tunnel.connections)) {
            if (connection.pendingSince == null) connection.link.configure(tunnel.configVersion, tunnel.config);
        }
    }
}
