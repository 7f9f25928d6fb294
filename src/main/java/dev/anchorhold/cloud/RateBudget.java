package dev.anchorhold.cloud;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Client-side rate limiter of one credential, shared by all who use it: a mirror of the provider's leaky bucket
 * (providers.md A.11), corrected by the headers of every answer. Nobody ever waits in here: a call is granted, or its
 * maker is told when to come back. Waiting callers are given successive turns, one per call that refills, so that they
 * do not wake together (F07).
 */
public final class RateBudget {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(20);

    private final InstantSource clock;
    private final Map<Urgency, Instant> lastTurn = new EnumMap<>(Urgency.class);
    private final double refillSeconds;
    private double limit;
    private double level;
    private Instant levelAt;
    private Instant blockedUntil = Instant.MIN;
    private int inFlight;
    private long granted;

    /** {@code hourlyLimit} holds until the first answer has the real one. */
    public RateBudget(int hourlyLimit, InstantSource clock) {
        this(hourlyLimit, Duration.ofHours(1), clock);
    }

    /** So many calls at once, and as many again in the course of {@code refill}. */
    public RateBudget(int limit, Duration refill, InstantSource clock) {
        this.clock = clock;
        this.limit = limit;
        this.refillSeconds = refill.toSeconds();
        this.level = limit;
        this.levelAt = clock.instant();
    }

    /** The answer to "may I call?". */
    public sealed interface Acquisition {}

    /** Yes. {@link #settle} or {@link #settleUnanswered} must be called with the outcome. */
    public static final class Granted implements Acquisition {
        private final long turn;
        private final boolean alone;

        private Granted(long turn, boolean alone) {
            this.turn = turn;
            this.alone = alone;
        }
    }

    /** Not now. */
    public record Denied(Duration retryAfter) implements Acquisition {}

    public synchronized Acquisition tryAcquire(Urgency urgency) {
        var now = refill();
        double spare = level - limit * urgency.reserve();
        if (spare < 1) return new Denied(nextTurn(urgency, now, 1 - spare));
        level -= 1;
        inFlight++;
        granted++;
        return new Granted(granted, inFlight == 1);
    }

    /** An answer came with {@code RateLimit-Limit} and {@code RateLimit-Remaining}. */
    public synchronized void settle(Granted call, int hourlyLimit, int remaining) {
        refill();
        inFlight--;
        // Calls still under way may not be counted in this answer yet, and answers overtake each other: so the lower
        // figure holds,
        // unless this call was alone all the time, or the limit itself is another one.
        boolean exact = call.alone && inFlight == 0 && call.turn == granted;
        double seen = remaining - inFlight;
        level = exact || hourlyLimit != limit ? seen : Math.min(level, seen);
        limit = Math.max(1, hourlyLimit);
    }

    /** An answer said that no more than this part of the limit is left, 0 to 1. */
    public synchronized void settleAtMost(Granted call, double part) {
        refill();
        inFlight--;
        level = Math.min(level, limit * part - inFlight);
    }

    /** The call ended without these headers. It counts as made. */
    public synchronized void settleUnanswered(Granted call) {
        refill();
        inFlight--;
    }

    /** The provider refused for want of budget: whatever was believed, there is nothing left. */
    public synchronized Duration exhausted(Urgency urgency) {
        var now = refill();
        level = Math.min(level, 0);
        return nextTurn(urgency, now, limit * urgency.reserve() + 1 - level);
    }

    /** The provider has shut us out for a time: until then nobody calls, and nothing refills. */
    public synchronized Duration blocked(Urgency urgency, Duration time) {
        var end = clock.instant().plus(time);
        level = Math.min(level, 0);
        blockedUntil = end.isAfter(blockedUntil) ? end : blockedUntil;
        levelAt = blockedUntil;
        return nextTurn(urgency, clock.instant(), limit * urgency.reserve() + 1 - level);
    }

    /** Calls that could be made now by the highest class. */
    public synchronized double remaining() {
        refill();
        return level;
    }

    /** Calls that could be made at once when nothing is spent. */
    public synchronized double limit() {
        return limit;
    }

    private Instant refill() {
        var now = clock.instant();
        if (now.isBefore(blockedUntil)) return now;
        double seconds = Math.max(0, Duration.between(levelAt, now).toNanos() / 1e9);
        level = Math.min(limit, level + seconds * limit / refillSeconds);
        levelAt = now;
        return now;
    }

    private Duration nextTurn(Urgency urgency, Instant now, double missing) {
        double perSecond = limit / refillSeconds;
        var refills = blockedUntil.isAfter(now) ? blockedUntil : now;
        var earliest = refills.plusNanos((long) (missing / perSecond * 1e9));
        var behindOthers = lastTurn.getOrDefault(urgency, Instant.MIN).plusNanos((long) (1e9 / perSecond));
        var turn = behindOthers.isAfter(earliest) ? behindOthers : earliest;
        var random = ThreadLocalRandom.current();
        if (turn.isAfter(now.plus(LONGEST_WAIT)))
            return LONGEST_WAIT.dividedBy(2).plusNanos(random.nextLong(LONGEST_WAIT.toNanos() / 2));
        lastTurn.put(urgency, turn);
        return Duration.between(now, turn).plusNanos(random.nextLong((long) (1e9 / perSecond)));
    }
}
