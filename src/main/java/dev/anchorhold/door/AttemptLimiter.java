package dev.anchorhold.door;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** Limits how many unauthenticated attempts each client address has. */
record AttemptLimiter(ClientAddress addresses, RateLimiter limiter) {

    /** Too many attempts; nothing of the call was looked at. */
    static final class TooManyAttemptsException extends RuntimeException {
        final Duration retryAfter;

        private TooManyAttemptsException(Duration retryAfter) {
            super("too many attempts", null, false, false);
            this.retryAfter = retryAfter;
        }
    }

    /** @throws TooManyAttemptsException when its address has none left */
    void check(HttpServerRequest request) {
        String address = addresses.of(
                request.remoteAddress().hostAddress(), request.headers().getAll("X-Forwarded-For"));
        limiter.consume(address).ifPresent(wait -> {
            throw new TooManyAttemptsException(wait);
        });
    }
}
