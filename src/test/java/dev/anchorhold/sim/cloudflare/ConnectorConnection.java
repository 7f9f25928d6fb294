package dev.anchorhold.sim.cloudflare;

import java.time.Instant;
import java.util.UUID;

/** One of a connector's connections to the edge; a connector keeps four. */
final class ConnectorConnection {
    /** The connector's end, which whoever carries the connection implements. Called under the estate's lock. */
    interface Link {
        /** Cloudflare closes it. */
        void drop();

        /** The tunnel's configuration has changed. */
        void configure(long version, String config);

        /** A visitor waits for a stream of that name. False when none will come. */
        boolean open(String stream, String host, String path);
    }

    /** @param id of the connector: {@code client_id} in the API */
    record Connector(String id, String version, String arch, String originIp) {}

    final String id = UUID.randomUUID().toString();
    final Connector connector;
    final int index;
    final Instant opened;
    final Link link;
    /** It is closed, but still listed since then, as {@code is_pending_reconnect}; null while it stands. */
    Instant pendingSince;

    ConnectorConnection(Connector connector, int index, Instant opened, Link link) {
        this.connector = connector;
        this.index = index;
        this.opened = opened;
        this.link = link;
    }
}
