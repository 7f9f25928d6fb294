package dev.anchorhold.door;

import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RateLimiter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Gives each guest its share of the door, in this process: so many calls a minute, and so many at once, so that none makes another
 * wait. A call is first counted for its token, before the database is asked; whoever has a token that is no longer the agent's one
 * must not use up what is the agent's.
 */
final class GuestShare {
    /** A guest reports once a minute, and when something changes; a report counts twice, as what is asked and what is done. */
    private static final int CALLS_PER_MINUTE = 240;

    private static final int AT_ONCE = 4;

    private final RateLimiter calls;
    private final Map<String, Integer> running = new ConcurrentHashMap<>();

    GuestShare(InstantSource clock) {
        calls = new RateLimiter(CALLS_PER_MINUTE, clock);
    }

    /** @throws HttpProblem 429 */
    <T> T call(CallbackToken token, Supplier<T> work) {
        String hash = HexFormat.of().formatHex(token.hash());
        consume(hash);
        if (running.merge(hash, 1, Integer::sum) > AT_ONCE) {
            release(hash);
            throw HttpProblem.tooMany("too many calls at once", Duration.ofSeconds(1));
        }
        try {
            return work.get();
        } finally {
            release(hash);
        }
    }

    /** Counts one for the agent whose token it was seen to be: a new token is no new share. @throws HttpProblem 429 */
    void consume(UUID agent) {
        consume((Object) agent);
    }

    private void consume(Object key) {
        calls.consume(key).ifPresent(wait -> {
            throw HttpProblem.tooMany("too many calls", wait);
        });
    }

    private void release(String hash) {
        running.computeIfPresent(hash, (_, count) -> count == 1 ? null : count - 1);
    }
}
