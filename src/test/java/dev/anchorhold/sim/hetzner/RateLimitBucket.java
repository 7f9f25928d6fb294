package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;

/**
 * A project's rate limit as a leaky bucket: {@code limit} requests at once, refilled by {@code perSecond}
 * (providers.md A.11).
 */
final class RateLimitBucket {
    private final SimulatorClock clock;
    private int limit;
    private double perSecond;
    private double left;
    private Instant filledAt;

    RateLimitBucket(SimulatorClock clock, int limit, double perSecond) {
        this.clock = clock;
        configure(limit, perSecond);
    }

    /** A limit of 0 means none; the headers then say a full bucket of 3600. */
    synchronized void configure(int limit, double perSecond) {
        this.limit = limit;
        this.perSecond = perSecond;
        this.left = limit;
        this.filledAt = clock.now();
    }

    synchronized void setLeft(int requests) {
        refill();
        left = requests;
    }

    /** Takes one request; false when none is left. */
    synchronized boolean take() {
        if (limit == 0) return true;
        refill();
        if (left < 1) return false;
        left -= 1;
        return true;
    }

    private void refill() {
        Instant now = clock.now();
        left = Math.min(limit, left + Duration.between(filledAt, now).toMillis() / 1000.0 * perSecond);
        filledAt = now;
    }

    synchronized int limit() {
        return limit == 0 ? 3600 : limit;
    }

    synchronized int remaining() {
        return limit == 0 ? 3600 : (int) left;
    }

    /** When the bucket is full again, as Unix seconds; not when the next request may come. */
    synchronized long reset() {
        double missing = limit == 0 ? 0 : limit - left;
        return clock.now().getEpochSecond() + (long) Math.ceil(perSecond > 0 ? missing / perSecond : 0);
    }
}
