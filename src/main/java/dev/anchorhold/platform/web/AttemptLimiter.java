package dev.anchorhold.platform.web;

import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;

/**
 * Limits how many unauthenticated attempts each client address has, in this process: an installation with two companions grants
 * twice as many.
 */
public final class AttemptLimiter {
    private final ClientAddress addresses;
    private final RateLimiter limiter;

    AttemptLimiter(ClientAddress addresses, RateLimiter limiter) {
        this.addresses = addresses;
        this.limiter = limiter;
    }

    boolean isProxy(InetAddress address) {
        return addresses.isProxy(address);
    }

    /** Counts one. @throws HttpProblem 429 when its address has none left */
    public void check(HttpServerRequest request) {
        limiter.consume(address(request)).ifPresent(wait -> {
            throw HttpProblem.tooMany("too many attempts from your address", wait);
        });
    }

    /** Gives one back that was counted, and turned out to be no attempt. */
    public void giveBack(HttpServerRequest request) {
        limiter.giveBack(address(request));
    }

    /** Where a request comes from; of IPv6 the /64, since a client has all of it. */
    public String address(HttpServerRequest request) {
        return addresses.of(
                request.remoteAddress().hostAddress(), request.headers().getAll("X-Forwarded-For"));
    }
}
