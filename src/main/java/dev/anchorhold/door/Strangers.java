package dev.anchorhold.door;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** Those who have not shown yet that they may come in: each address has so many attempts. */
record Strangers(ClientAddress addresses, Attempts attempts) {

    /** Too many attempts; nothing of the call was looked at. */
    static final class TooMany extends RuntimeException {
        final Duration retryAfter;

        private TooMany(Duration retryAfter) {
            super("too many attempts", null, false, false);
            this.retryAfter = retryAfter;
        }
    }

    /** @throws TooMany when its address has none left */
    void count(HttpServerRequest request) {
        String address = addresses.of(
                request.remoteAddress().hostAddress(), request.headers().getAll("X-Forwarded-For"));
        attempts.count(address).ifPresent(wait -> {
            throw new TooMany(wait);
        });
    }
}
