package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiHttpHandler;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.cloud.SimulatedApiError;
import dev.anchorhold.sim.cloud.TokenAccess;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Serves {@code /v1} over HTTP: identifies the token's project, counts against its rate limit, and answers with
 * Hetzner's errors.
 */
final class HetznerHttpHandler extends ApiHttpHandler<HetznerRequest, HetznerHttpHandler.TokenOwner> {
    record TokenOwner(SimulatedProject project, boolean readOnly) {}

    private final HetznerApi api;
    private final RateLimitBucket unauthenticatedLimit;

    HetznerHttpHandler(Vertx vertx, HetznerApi api, Faults faults, RequestLog log) {
        super(vertx, "/v1", api.router, faults, log, api.state.clock);
        this.api = api;
        this.unauthenticatedLimit = new RateLimitBucket(api.state.clock, 3600, 1);
    }

    @Override
    protected void admit(Exchange exchange) {
        String token = exchange.bearerToken();
        for (SimulatedProject project : api.state.projects.values()) {
            var access = project.tokens.get(token);
            if (access == null || access == TokenAccess.REVOKED) continue;
            exchange.caller = new TokenOwner(project, access == TokenAccess.READ_ONLY);
        }
        var rateLimit = rateLimit(exchange);
        if (!rateLimit.take()) {
            String message = "limit of %d requests per hour reached".formatted(rateLimit.limit());
            throw new HetznerApiError(429, "rate_limit_exceeded", message);
        }
        if (exchange.caller == null) throw new HetznerApiError(401, "unauthorized", "unable to authenticate");
    }

    private RateLimitBucket rateLimit(Exchange exchange) {
        return exchange.caller == null ? unauthenticatedLimit : exchange.caller.project().rateLimit;
    }

    @Override
    protected void authorize(Exchange exchange) {
        if (exchange.caller.readOnly() && !exchange.method().equals("GET")) {
            throw new HetznerApiError(403, "forbidden", "insufficient permissions for this request");
        }
    }

    @Override
    protected ApiResponse perform(Exchange exchange, ObjectNode body) {
        return api.perform(exchange.match, exchange.caller.project(), exchange.query(), body, exchange.uri());
    }

    @Override
    protected String name(TokenOwner tokenOwner) {
        return tokenOwner.project().name;
    }

    @Override
    protected Map<String, String> headers(Exchange exchange) {
        byte[] correlation = new byte[8];
        ThreadLocalRandom.current().nextBytes(correlation);
        var rateLimit = rateLimit(exchange);
        return Map.of(
                "X-Correlation-Id", HexFormat.of().formatHex(correlation),
                "RateLimit-Limit", "" + rateLimit.limit(),
                "RateLimit-Remaining", "" + rateLimit.remaining(),
                "RateLimit-Reset", "" + rateLimit.reset());
    }

    @Override
    protected SimulatedApiError injectedError(Faults.Fail fault) {
        return new HetznerApiError(fault.status(), fault.code(), fault.message());
    }

    @Override
    protected SimulatedApiError noSuchPath(String path) {
        return new HetznerApiError(404, "not_found", "path not found");
    }

    @Override
    protected SimulatedApiError badJson() {
        return new HetznerApiError(400, "json_error", "invalid JSON");
    }
}
