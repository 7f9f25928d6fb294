package dev.anchorhold.sim.cloudflare;

import java.time.Duration;

/** How the simulated world misbehaves beyond single requests. Read and turned under the estate's lock; not kept in the journal. */
final class CloudflareKnobs {
    /** How long new tunnels and records stay unseen by lists. */
    Duration listLag = Duration.ZERO;
    /** How long a closed connection stays listed, and keeps its tunnel from being deleted. */
    Duration connectionLinger = Duration.ZERO;
    /** How soon a connector comes back after its connections were dropped. */
    Duration reconnectAfter = Duration.ofSeconds(1);

    /** Whether a new secret closes the connections that stand; what Cloudflare does is not known [U]. */
    boolean rotationDrops;

    int recordLimit;
    /** The free plan's; the paid ones have 500. */
    int commentLimit = 100;
    /** The free plan's; the paid ones have 20. */
    int tagLimit;

    void reset() {
        listLag = Duration.ZERO;
        connectionLinger = Duration.ZERO;
        reconnectAfter = Duration.ofSeconds(1);
        rotationDrops = false;
    }
}
