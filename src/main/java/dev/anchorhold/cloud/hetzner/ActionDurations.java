package dev.anchorhold.cloud.hetzner;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Estimates how long each command takes: a moving mean and deviation, learned from the cloud's own stamps (started,
 * finished), so that our clock and our polling do not enter into it. Guarded by the inventory's lock.
 */
final class ActionDurations {
    /** Small, since of many started together the slow ones end last, and must not pass for the usual. */
    private static final double LEAST_WEIGHT = 0.02;

    private static final double SHORTEST = 0.05;
    private static final Duration FIRST_GUESS = Duration.ofSeconds(1);

    private final Map<String, Estimate> learned = new HashMap<>();

    private record Estimate(double mean, double deviation, int count) {}

    void record(Action ended) {
        if (ended.failed() || ended.started() == null || ended.finished() == null) return;
        double took =
                Math.max(0, Duration.between(ended.started(), ended.finished()).toMillis() / 1e3);
        learned.merge(ended.command(), new Estimate(took, took / 4, 1), (old, _) -> {
            double off = took - old.mean;
            double weight = Math.max(LEAST_WEIGHT, 1.0 / (old.count + 1));
            return new Estimate(
                    old.mean + weight * off, old.deviation + weight * (Math.abs(off) - old.deviation), old.count + 1);
        });
    }

    boolean knows(String command) {
        return learned.containsKey(command);
    }

    /** The usual length, so many deviations longer; a first guess for what has not been seen yet. */
    Duration expected(String command, int deviations) {
        var it = learned.get(command);
        return it == null ? FIRST_GUESS : seconds(it.mean + deviations * it.deviation);
    }

    /** How far a command's end may reasonably be off. */
    Optional<Duration> deviation(String command) {
        return Optional.ofNullable(learned.get(command)).map(it -> seconds(Math.max(it.deviation, it.mean * 0.1)));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis((long) (Math.max(SHORTEST, seconds) * 1e3));
    }
}
