package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloudflare.ConnectorConnection.Connector;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A connector without a process, which serves nothing: to the API it looks like a running cloudflared, with its four
 * connections, which reconnects soon after they are dropped, as long as its token is good. For tests and for fleets
 * without guests.
 */
public final class SimulatedConnector implements AutoCloseable {
    private static final int CONNECTIONS = 4;

    private final CloudflareState state;
    private final ConnectorRegistry connectors;
    private final String token;
    private final Connector self =
            new Connector(UUID.randomUUID().toString(), "2026.8.2", "linux_amd64", "203.0.113.7");
    private final List<ConnectorConnection> open = new ArrayList<>();
    private CloudflareRow.Tunnel tunnel;
    private boolean closed;

    SimulatedConnector(CloudflareApi api, String token) {
        this.state = api.state;
        this.connectors = api.connectors;
        this.token = token;
    }

    /** @throws IllegalArgumentException when the token is not good, or not any more */
    void dial() {
        state.locked(() -> {
            try {
                tunnel = connectors.authenticate(token);
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
                open.removeIf(connection -> connection.index == index);
                state.later(state.knobs.reconnectAfter, () -> reconnect(index));
            }

            @Override
            public void configure(long version, String config) {}

            @Override
            public boolean open(String stream, String host, String path) {
                return false;
            }
        };
        open.add(connectors.register(tunnel, self, index, link));
    }

    private void reconnect(int index) {
        if (closed) return;
        try {
            connectors.authenticate(token);
            connect(index);
        } catch (ConnectorRegistry.Unauthorized e) {
            if (tunnel.deleted == null) state.later(state.knobs.reconnectAfter, () -> reconnect(index));
        }
    }

    /** Its client id in the API. */
    public String id() {
        return self.id();
    }

    /** Loses connections until only so many are open; they do not reconnect. */
    public void shrinkTo(int connections) {
        state.locked(() -> {
            while (open.size() > connections) connectors.unregister(tunnel, open.removeLast());
            return null;
        });
    }

    /** Disconnects for good. */
    @Override
    public void close() {
        state.locked(() -> closed = true);
        shrinkTo(0);
    }
}
