package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;

/**
 * Rate limit of a token's owner: so many requests in a fixed window; one more blocks all for as long again
 * (providers.md B.3).
 */
final class RateLimitWindow {
    private final SimulatorClock clock;
    private int limit;
    private Duration window;
    private int used;
    private Instant began;
    private Instant blockedUntil = Instant.MIN;

    RateLimitWindow(SimulatorClock clock, int limit, Duration window) {
        this.clock = clock;
        configure(limit, window);
    }

    /** A limit of 0 means none; the headers then say 1200 in a new window. */
    synchronized void configure(int limit, Duration window) {
        this.limit = limit;
        this.window = window;
        this.used = 0;
        this.began = clock.now();
        this.blockedUntil = Instant.MIN;
    }

    synchronized void setLeft(int requests) {
        refresh();
        used = limit - requests;
    }

    synchronized void block(Duration time) {
        blockedUntil = clock.now().plus(time);
    }

    /** Takes one request; false when it is one too many, or blocked. */
    synchronized boolean take() {
        refresh();
        if (clock.now().isBefore(blockedUntil)) return false;
        if (limit == 0 || used < limit) {
            used++;
            return true;
        }
        block(window);
        return false;
    }

    private void refresh() {
        if (clock.now().isBefore(began.plus(window))) return;
        began = clock.now();
        used = 0;
    }

    synchronized int limit() {
        return limit == 0 ? 1200 : limit;
    }

    synchronized long windowSeconds() {
        return window.toSeconds();
    }

    synchronized int remaining() {
        if (clock.now().isBefore(blockedUntil)) return 0;
        return limit == 0 ? 1200 : Math.max(0, limit - used);
    }

    /** Seconds until all is allowed again. */
    synchronized long reset() {
        var until = clock.now().isBefore(blockedUntil) ? blockedUntil : began.plus(window);
        return Math.max(1, (Duration.between(clock.now(), until).toMillis() + 999) / 1000);
    }
}
