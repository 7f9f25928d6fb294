package dev.anchorhold.sim.cloudflare;

import java.time.Duration;

/**
 * Settings that make the simulation misbehave beyond single requests. Read and set under the state's lock; not stored.
 */
final class CloudflareKnobs {
    /** How long lists do not show new tunnels and records. */
    Duration listLag = Duration.ZERO;
    /** How long a closed connection stays listed, and keeps its tunnel from being deleted. */
    Duration connectionLinger = Duration.ZERO;
    /** How soon a connector reconnects after its connections were dropped. */
    Duration reconnectAfter = Duration.ofSeconds(1);

    /** Whether a new secret closes the open connections; what Cloudflare does is not known [U]. */
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
