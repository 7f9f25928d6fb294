package dev.anchorhold.sim.cloudflare;

import java.time.Instant;
import java.util.UUID;

/** One of a connector's connections to the edge; a connector holds four. */
final class ConnectorConnection {
    /** The connector's end, implemented by whatever carries the connection. Called under the state's lock. */
    interface Link {
        /** Cloudflare closes it. */
        void drop();

        /** The tunnel's configuration has changed. */
        void configure(long version, String config);

        /** Asks for a stream of that name, for which a client's request waits. False when none will come. */
        boolean open(String stream, String host, String path);
    }

    /** @param id of the connector: {@code client_id} in the API */
    record Connector(String id, String version, String arch, String originIp) {}

    final String id = UUID.randomUUID().toString();
    final Connector connector;
    final int index;
    final Instant opened;
    final Link link;
    /** It is closed, but still listed since then, as {@code is_pending_reconnect}; null while it is open. */
    Instant pendingSince;

    ConnectorConnection(Connector connector, int index, Instant opened, Link link) {
        this.connector = connector;
        this.index = index;
        this.opened = opened;
        this.link = link;
    }
}
