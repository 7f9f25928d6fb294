package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloudflare.ConnectorConnection.Connector;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A connector that carries nothing: to the API it looks like a running cloudflared, with its four connections, which comes
 * back soon after they are dropped, as long as its token is good. For tests and for fleets without guests.
 */
public final class SimulatedConnector implements AutoCloseable {
    private static final int CONNECTIONS = 4;

    private final CloudflareState estate;
    private final ConnectorRegistry connectorRegistry;
    private final String token;
    private final Connector self =
            new Connector(UUID.randomUUID().toString(), "2026.8.2", "linux_amd64", "203.0.113.7");
    private final List<ConnectorConnection> standing = new ArrayList<>();
    private CloudflareRow.Tunnel tunnel;
    private boolean closed;

    SimulatedConnector(CloudflareApi api, String token) {
        this.estate = api.estate;
        this.connectorRegistry = api.connectorRegistry;
        this.token = token;
    }

    /** @throws IllegalArgumentException when the token is not good, or not any more */
    void dial() {
        estate.locked(() -> {
            try {
                tunnel = connectorRegistry.authenticate(token);
            } catch (ConnectorRegistry.Unauthorized e) {
                throw new IllegalArgumentException(e.getMessage());
            }
            for (int i = 0; i < CONNECTIONS; i++) connect(i);
            return null;
        });
    }

    private void connect(int index) {
        var link = new ConnectorConnection.Link() {
            @Override
            public void drop() {
                standing.removeIf(connection -> connection.index == index);
                estate.later(estate.knobs.reconnectAfter, () -> reconnect(index));
            }

            @Override
            public void configure(long version, String config) {}

            @Override
            public boolean open(String stream, String host, String path) {
                return false;
            }
        };
        standing.add(connectorRegistry.register(tunnel, self, index, link));
    }

    private void reconnect(int index) {
        if (closed) return;
        try {
            connectorRegistry.authenticate(token);
            connect(index);
        } catch (ConnectorRegistry.Unauthorized e) {
            if (tunnel.deleted == null) estate.later(estate.knobs.reconnectAfter, () -> reconnect(index));
        }
    }

    /** Its client id in the API. */
    public String id() {
        return self.id();
    }

    /** Loses connections until only so many stand; they do not come back. */
    public void shrinkTo(int connections) {
        estate.locked(() -> {
            while (standing.size() > connections) connectorRegistry.unregister(tunnel, standing.removeLast());
            return null;
        });
    }

    /** The program ends. */
    @Override
    public void close() {
        estate.locked(() -> closed = true);
        shrinkTo(0);
    }
}
