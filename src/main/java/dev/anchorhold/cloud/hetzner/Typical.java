package dev.anchorhold.cloud.hetzner;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long each command usually takes, learned from the cloud's own stamps (started, finished) with an exponentially weighted mean and
 * deviation, so that it follows a cloud that becomes slower. Guarded by the inventory's lock.
 */
final class Typical {
    private static final double WEIGHT = 0.2;
    private static final double SHORTEST = 0.05;

    private final Map<String, Spread> learned = new HashMap<>();

    private record Spread(double mean, double deviation) {}

    void learn(Action ended) {
        if (ended.failed() || ended.started() == null || ended.finished() == null) return;
        double took =
                Math.max(0, Duration.between(ended.started(), ended.finished()).toMillis() / 1e3);
        learned.merge(ended.command(), new Spread(took, took / 4), (old, _) -> {
            double off = took - old.mean;
            return new Spread(old.mean + WEIGHT * off, old.deviation + WEIGHT * (Math.abs(off) - old.deviation));
        });
    }

    boolean knows(String command) {
        return learned.containsKey(command);
    }

    /** When most have ended. */
    Optional<Duration> length(String command) {
        return Optional.ofNullable(learned.get(command)).map(it -> seconds(it.mean + it.deviation));
    }

    /** How far a command's end may reasonably be off. */
    Optional<Duration> slack(String command) {
        return Optional.ofNullable(learned.get(command)).map(it -> seconds(Math.max(it.deviation, it.mean * 0.1)));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis((long) (Math.max(SHORTEST, seconds) * 1e3));
    }
}
