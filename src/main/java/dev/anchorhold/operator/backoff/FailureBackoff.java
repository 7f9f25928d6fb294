package dev.anchorhold.operator.backoff;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.resource.Reasons;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Back-off registry: the last failure of each subject and step, and when it may be tried again. The one place where an
 * error becomes a delay. Kept in memory only: after a restart everything is tried once at once. A retry has no last
 * attempt.
 */
public final class FailureBackoff {
    private static final Duration PERSONS_DELAY = Duration.ofMinutes(5);

    /** By subject, and by what was tried. */
    private final Map<String, Map<String, Failure>> failures = new ConcurrentHashMap<>();

    private final InstantSource clock;
    private final RandomGenerator random;

    public FailureBackoff(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * @param generation of the spec with which it was tried
     * @param notBefore when it may be tried again
     * @param attempts failures in a row
     */
    public record Failure(CloudException error, long generation, Instant notBefore, int attempts) {

        /** The reason that a condition gives for it. */
        public String conditionReason() {
            return FailureBackoff.conditionReason(error);
        }
    }

    /** The reason that a condition or an event gives for it. */
    public static String conditionReason(CloudException error) {
        return switch (error) {
            case CloudException.Transient _ -> Reasons.CLOUD_UNAVAILABLE;
            case CloudException.RateLimited _ -> Reasons.RATE_LIMITED;
            case CloudException.Conflict _ -> Reasons.CLOUD_BUSY;
            case CloudException.NameTaken _ -> Reasons.NAME_TAKEN;
            case CloudException.Capacity _ -> Reasons.CAPACITY_EXHAUSTED;
            case CloudException.Quota _ -> Reasons.CLOUD_LIMIT_REACHED;
            case CloudException.Unauthorized u ->
                u.code().equals("no_token") ? Reasons.CREDENTIALS_MISSING : Reasons.CREDENTIALS_INVALID;
            case CloudException.Invalid _ -> Reasons.REQUEST_REFUSED;
            case CloudException.InUse _ -> Reasons.CLOUD_BUSY;
            case CloudException.NotFound _ -> Reasons.CLOUD_BUSY;
            case CloudException.Unresolved u ->
                switch (u.code()) {
                    case "secret_missing" -> Reasons.SECRET_NOT_FOUND;
                    case "secret_exists" -> Reasons.NAME_TAKEN;
                    case "environment_unusable" -> Reasons.ENVIRONMENT_UNUSABLE;
                    case "pull_secret_unusable" -> Reasons.PULL_SECRET_UNUSABLE;
                    case "frozen_lost" -> Reasons.FROZEN_LOST;
                    case "frozen_changed" -> Reasons.FROZEN_SECRET_CHANGED;
                    case Reasons.AGENT_IMAGE_NOT_FOUND, Reasons.CLONE_SOURCE_UNAVAILABLE -> u.code();
                    default -> Reasons.REQUEST_REFUSED;
                };
            case CloudException.Protected _ -> Reasons.DELETION_PROTECTED;
            case CloudException.Locked _ -> Reasons.RESOURCE_LOCKED;
            case CloudException.UnknownOutcome _ -> Reasons.OUTCOME_UNKNOWN;
        };
    }

    public void recordFailure(String subject, String what, long generation, CloudException error) {
        failures.compute(subject, (_, mine) -> {
            Map<String, Failure> all = mine == null ? new ConcurrentHashMap<>() : mine;
            var last = all.get(what);
            int attempts = last == null || last.generation != generation ? 1 : last.attempts + 1;
            all.put(what, new Failure(error, generation, clock.instant().plus(delay(error, attempts)), attempts));
            return all;
        });
    }

    /**
     * Whether it may be tried now by whoever asks. After a failure, when its time is over, one alone tries: the others are put
     * off as after another failure, until its success is recorded.
     */
    public boolean claim(String subject, String what) {
        var granted = new AtomicBoolean(true);
        failures.computeIfPresent(subject, (_, mine) -> {
            mine.computeIfPresent(what, (_, last) -> {
                if (last.notBefore.isAfter(clock.instant())) {
                    granted.set(false);
                    return last;
                }
                return new Failure(
                        last.error,
                        last.generation,
                        clock.instant().plus(delay(last.error, last.attempts)),
                        last.attempts);
            });
            return mine;
        });
        return granted.get();
    }

    public void recordSuccess(String subject, String what) {
        failures.computeIfPresent(subject, (_, mine) -> {
            mine.remove(what);
            return mine.isEmpty() ? null : mine;
        });
    }

    public void clear() {
        failures.clear();
    }

    /** Whatever failed for this kind of reason may be tried again at once. */
    public void clear(Class<? extends CloudException> reason) {
        failures.keySet()
                .forEach(subject -> failures.computeIfPresent(subject, (_, mine) -> {
                    mine.values().removeIf(failure -> reason.isInstance(failure.error));
                    return mine.isEmpty() ? null : mine;
                }));
    }

    public void forget(String subject) {
        failures.remove(subject);
    }

    /** The failure whose delay is not over; an {@code Invalid} one blocks until the generation changes. */
    public Optional<Failure> blocking(String subject, String what, long generation) {
        return lastFailure(subject, what)
                .filter(s -> s.notBefore.isAfter(clock.instant()))
                .filter(s -> s.generation == generation || !(s.error instanceof CloudException.Invalid));
    }

    /** All of the subject's failures that block, by what was tried. */
    public Map<String, Failure> blockingAll(String subject, long generation) {
        return failures.getOrDefault(subject, Map.of()).keySet().stream()
                .flatMap(what -> blocking(subject, what, generation).map(s -> Map.entry(what, s)).stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** All of the subject's last failures, whether or not their time is over. */
    public Map<String, Failure> lastFailures(String subject) {
        return Map.copyOf(failures.getOrDefault(subject, Map.of()));
    }

    /** The last failure, whether or not its time is over. */
    public Optional<Failure> lastFailure(String subject, String what) {
        return Optional.ofNullable(failures.getOrDefault(subject, Map.of()).get(what));
    }

    private Duration delay(CloudException error, int attempts) {
        return switch (error) {
            case CloudException.RateLimited limited -> limited.retryAfter();
            case CloudException.Transient _ -> exponential(Duration.ofSeconds(1), attempts, Duration.ofMinutes(1));
            case CloudException.UnknownOutcome _ ->
                exponential(Duration.ofMillis(500), attempts, Duration.ofMinutes(1));
            case CloudException.Conflict _ -> exponential(Duration.ofSeconds(1), attempts, Duration.ofSeconds(10));
            case CloudException.NotFound _ -> exponential(Duration.ofSeconds(1), attempts, Duration.ofMinutes(1));
            case CloudException.Unresolved _ -> jittered(Duration.ofSeconds(4));
            case CloudException.InUse _ -> exponential(Duration.ofSeconds(1), attempts, Duration.ofSeconds(30));
            case CloudException.NameTaken _ -> exponential(Duration.ofSeconds(5), attempts, Duration.ofMinutes(5));
            case CloudException.Unauthorized _ -> exponential(Duration.ofSeconds(10), attempts, Duration.ofMinutes(1));
            case CloudException.Capacity _ -> jittered(Duration.ofMinutes(1));
            case CloudException.Quota _, CloudException.Locked _ -> jittered(PERSONS_DELAY);
            case CloudException.Protected _ -> jittered(Duration.ofMinutes(1));
            case CloudException.Invalid _ -> jittered(Duration.ofHours(1));
        };
    }

    private Duration exponential(Duration first, int attempts, Duration max) {
        long millis = Math.min(first.toMillis() << Math.min(attempts - 1, 16), max.toMillis());
        return jittered(Duration.ofMillis(millis));
    }

    /** Between three quarters and five quarters of it. */
    private Duration jittered(Duration delay) {
        return Duration.ofMillis((long) (delay.toMillis() * (0.75 + random.nextDouble() / 2)));
    }
}
