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

/** The registry to which connectors come with a tunnel's token, and the connections that stand. Under the estate's lock. */
final class ConnectorRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Why a connector is turned away. */
    static final class Unauthorized extends Exception {
        private static final long serialVersionUID = 1L;

        Unauthorized(String message) {
            super(message);
        }
    }

    private final CloudflareState estate;

    ConnectorRegistry(CloudflareState estate) {
        this.estate = estate;
    }

    /** Those that stood when the simulator was killed stand no more. */
    void resume() {
        estate.tables
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

    /** The tunnel whose token this is: its secret must be today's, and it must not be deleted. */
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
        return estate.tables
                .all(CloudflareRow.Tunnel.class)
                .filter(tunnel -> tunnel.id.equals(id) && tunnel.deleted == null)
                .findFirst();
    }

    /** A connection for a visitor: of the connector that came last, since an older one may be dead without our knowing. */
    Optional<ConnectorConnection> one(CloudflareRow.Tunnel tunnel) {
        var standing = tunnel.connections.stream()
                .filter(it -> it.pendingSince == null)
                .toList();
        if (standing.isEmpty()) return Optional.empty();
        var newest = standing.stream()
                .filter(it -> it.connector.equals(standing.getLast().connector))
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
        var connection = new ConnectorConnection(connector, index, estate.now(), link);
        tunnel.connections.add(connection);
        noteActivity(tunnel);
        return connection;
    }

    /** The connector has gone. */
    void unregister(CloudflareRow.Tunnel tunnel, ConnectorConnection connection) {
        if (tunnel.connections.contains(connection) && connection.pendingSince == null) end(tunnel, connection);
    }

    /** Cloudflare closes those that fit; connectors that still may will come back. */
    void drop(CloudflareRow.Tunnel tunnel, Predicate<ConnectorConnection> which) {
        for (var connection : List.copyOf(tunnel.connections)) {
            if (!which.test(connection) || connection.pendingSince != null) continue;
            end(tunnel, connection);
            connection.link.drop();
        }
    }

    private void end(CloudflareRow.Tunnel tunnel, ConnectorConnection connection) {
        connection.pendingSince = estate.now();
        if (estate.knobs.connectionLinger.isZero()) tunnel.connections.remove(connection);
        else estate.later(estate.knobs.connectionLinger, () -> tunnel.connections.remove(connection));
        noteActivity(tunnel);
    }

    private void noteActivity(CloudflareRow.Tunnel tunnel) {
        boolean stands = tunnel.connections.stream().anyMatch(it -> it.pendingSince == null);
        boolean stood = tunnel.activeAt != null && tunnel.inactiveAt == null;
        if (stands == stood) return;
        if (stands) {
            tunnel.activeAt = estate.now();
            tunnel.inactiveAt = null;
        } else {
            tunnel.inactiveAt = estate.now();
        }
        estate.tables.put(tunnel);
    }

    /** Tells every connection of a configuration; a tunnel that is configured on its own machine hears nothing. */
    void configure(CloudflareRow.Tunnel tunnel) {
        if (tunnel.configSource.equals("local")) return;
        for (var connection : List.copyOf(tunnel.connections)) {
            if (connection.pendingSince == null) connection.link.configure(tunnel.configVersion, tunnel.config);
        }
    }
}
