package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloudflare.Connection.Connector;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A connector that carries nothing: to the API it looks like a running cloudflared, with its four connections, which comes
 * back soon after they are dropped, as long as its token is good. For tests and for fleets without guests.
 */
public final class SimulatedConnector implements AutoCloseable {
    private static final int CONNECTIONS = 4;

    private final Estate estate;
    private final Connectors connectors;
    private final String token;
    private final Connector self =
            new Connector(UUID.randomUUID().toString(), "2026.8.2", "linux_amd64", "203.0.113.7");
    private final List<Connection> standing = new ArrayList<>();
    private Row.Tunnel tunnel;
    private boolean closed;

    SimulatedConnector(Api api, String token) {
        this.estate = api.estate;
        this.connectors = api.connectors;
        this.token = token;
    }

    /** @throws IllegalArgumentException when the token is not good, or not any more */
    void dial() {
        estate.locked(() -> {
            try {
                tunnel = connectors.authenticate(token);
            } catch (Connectors.Unauthorized e) {
                throw new IllegalArgumentException(e.getMessage());
            }
            for (int i = 0; i < CONNECTIONS; i++) connect(i);
            return null;
        });
    }

    private void connect(int index) {
        var link = new Connection.Link() {
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
        standing.add(connectors.register(tunnel, self, index, link));
    }

    private void reconnect(int index) {
        if (closed) return;
        try {
            connectors.authenticate(token);
            connect(index);
        } catch (Connectors.Unauthorized e) {
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
            while (standing.size() > connections) connectors.unregister(tunnel, standing.removeLast());
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
