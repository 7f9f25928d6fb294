package dev.anchorhold.operator;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.resource.Reasons;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * What went wrong lately, per subject, and when it may be tried again: the one place where an error becomes a back-off.
 * Kept in memory only: after a restart everything is tried once at once. A retry has no last attempt.
 */
public final class Setbacks {
    private static final Duration FOR_A_PERSON = Duration.ofMinutes(5);

    /** By subject, and by what was tried. */
    private final Map<String, Map<String, Setback>> setbacks = new ConcurrentHashMap<>();

    private final InstantSource clock;
    private final RandomGenerator random;

    public Setbacks(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * @param generation of the spec with which it was tried
     * @param notBefore when it may be tried again
     * @param attempts failures in a row
     */
    public record Setback(CloudException error, long generation, Instant notBefore, int attempts) {

        /** The reason that a condition gives for it. */
        public String reason() {
            return Setbacks.reason(error);
        }
    }

    /** The reason that a condition or an event gives for it. */
    static String reason(CloudException error) {
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
            case CloudException.NotFound n ->
                switch (n.code()) {
                    case "secret_missing" -> Reasons.SECRET_NOT_FOUND;
                    case "frozen_lost" -> Reasons.FROZEN_LOST;
                    default -> Reasons.CLOUD_BUSY;
                };
            case CloudException.Protected _ -> Reasons.DELETION_PROTECTED;
            case CloudException.UnknownOutcome _ -> Reasons.OUTCOME_UNKNOWN;
        };
    }

    public void failed(String subject, String what, long generation, CloudException error) {
        setbacks.compute(subject, (_, mine) -> {
            Map<String, Setback> all = mine == null ? new ConcurrentHashMap<>() : mine;
            var last = all.get(what);
            int attempts = last == null || last.generation != generation ? 1 : last.attempts + 1;
            all.put(what, new Setback(error, generation, clock.instant().plus(delay(error, attempts)), attempts));
            return all;
        });
    }

    public void succeeded(String subject, String what) {
        setbacks.computeIfPresent(subject, (_, mine) -> {
            mine.remove(what);
            return mine.isEmpty() ? null : mine;
        });
    }

    public void clear() {
        setbacks.clear();
    }

    public void forget(String subject) {
        setbacks.remove(subject);
    }

    /** The setback that still stands in the way; an {@code Invalid} one does until the generation changes. */
    public Optional<Setback> of(String subject, String what, long generation) {
        return last(subject, what)
                .filter(s -> s.notBefore.isAfter(clock.instant()))
                .filter(s -> s.generation == generation || !(s.error instanceof CloudException.Invalid));
    }

    /** All that stand in the subject's way, by what was tried. */
    public Map<String, Setback> all(String subject, long generation) {
        return setbacks.getOrDefault(subject, Map.of()).keySet().stream()
                .flatMap(what -> of(subject, what, generation).map(s -> Map.entry(what, s)).stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The last failure, whether or not its time is over. */
    public Optional<Setback> last(String subject, String what) {
        return Optional.ofNullable(setbacks.getOrDefault(subject, Map.of()).get(what));
    }

    private Duration delay(CloudException error, int attempts) {
        return switch (error) {
            case CloudException.RateLimited limited -> limited.retryAfter();
            case CloudException.Transient _ -> growing(Duration.ofSeconds(1), attempts, Duration.ofMinutes(1));
            case CloudException.UnknownOutcome _ -> growing(Duration.ofMillis(500), attempts, Duration.ofMinutes(1));
            case CloudException.Conflict _ -> growing(Duration.ofSeconds(1), attempts, Duration.ofSeconds(10));
            case CloudException.NotFound _ -> growing(Duration.ofSeconds(1), attempts, Duration.ofMinutes(1));
            case CloudException.InUse _ -> growing(Duration.ofSeconds(1), attempts, Duration.ofSeconds(30));
            case CloudException.NameTaken _ -> growing(Duration.ofSeconds(5), attempts, Duration.ofMinutes(5));
            case CloudException.Unauthorized _ -> growing(Duration.ofSeconds(10), attempts, Duration.ofMinutes(1));
            case CloudException.Capacity _ -> jittered(Duration.ofMinutes(4));
            case CloudException.Quota _ -> jittered(FOR_A_PERSON);
            case CloudException.Protected _ -> jittered(Duration.ofMinutes(1));
            case CloudException.Invalid _ -> jittered(Duration.ofHours(1));
        };
    }

    private Duration growing(Duration first, int attempts, Duration most) {
        long millis = Math.min(first.toMillis() << Math.min(attempts - 1, 16), most.toMillis());
        return jittered(Duration.ofMillis(millis));
    }

    /** Between three quarters and five quarters of it. */
    private Duration jittered(Duration about) {
        return Duration.ofMillis((long) (about.toMillis() * (0.75 + random.nextDouble() / 2)));
    }
}
