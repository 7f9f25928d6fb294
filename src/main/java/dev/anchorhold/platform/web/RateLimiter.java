package dev.anchorhold.platform.web;

import dev.anchorhold.platform.BoundedMap;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** A token bucket for each key: so many a minute, and so many at once. Remembers a bounded number of keys. */
public final class RateLimiter {
    private static final int MAX_BUCKETS = 20_000;

    private final int perMinute;
    private final InstantSource clock;
    private final Map<Object, Bucket> buckets = new BoundedMap<>(MAX_BUCKETS);

    private record Bucket(double left, Instant at) {}

    public RateLimiter(int perMinute, InstantSource clock) {
        this.perMinute = perMinute;
        this.clock = clock;
    }

    public boolean tryConsume(Object key) {
        return consume(key).isEmpty();
    }

    /** Counts one; when there are none left, says how long until the next and counts nothing. */
    public synchronized Optional<Duration> consume(Object key) {
        Instant now = clock.instant();
        Bucket last = buckets.getOrDefault(key, new Bucket(perMinute, now));
        double refilled = Math.max(0, Duration.between(last.at, now).toMillis()) * perMinute / 60_000.0;
        double left = Math.min(perMinute, last.left + refilled);
        boolean granted = left >= 1;
        buckets.put(key, new Bucket(granted ? left - 1 : left, now));
        return granted
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) Math.ceil((1 - left) * 60_000 / perMinute)));
    }

    /** Gives back one that was counted. */
    public synchronized void giveBack(Object key) {
        buckets.computeIfPresent(key, (_, it) -> new Bucket(it.left + 1, it.at));
    }
}
