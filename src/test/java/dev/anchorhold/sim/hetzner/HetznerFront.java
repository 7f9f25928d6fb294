package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Access;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.HttpFront;
import dev.anchorhold.sim.cloud.Refusal;
import dev.anchorhold.sim.cloud.RequestLog;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** {@code /v1} over HTTP: a project's tokens and bucket, and Hetzner's way of refusing. */
final class HetznerFront extends HttpFront<Call, HetznerFront.Caller> {
    record Caller(Project project, boolean readOnly) {}

    private final Api api;
    private final RateLimit strangers;

    HetznerFront(Vertx vertx, Api api, Faults faults, RequestLog log) {
        super(vertx, "/v1", api.router, faults, log, api.cloud.clock);
        this.api = api;
        this.strangers = new RateLimit(api.cloud.clock, 3600, 1);
    }

    @Override
    protected void admit(Exchange exchange) {
        String token = exchange.bearerToken();
        for (Project project : api.cloud.projects.values()) {
            var access = project.tokens.get(token);
            if (access == null || access == Access.REVOKED) continue;
            exchange.caller = new Caller(project, access == Access.READ_ONLY);
        }
        var rateLimit = rateLimit(exchange);
        if (!rateLimit.take()) {
            String message = "limit of %d requests per hour reached".formatted(rateLimit.limit());
            throw new ApiError(429, "rate_limit_exceeded", message);
        }
        if (exchange.caller == null) throw new ApiError(401, "unauthorized", "unable to authenticate");
    }

    private RateLimit rateLimit(Exchange exchange) {
        return exchange.caller == null ? strangers : exchange.caller.project().rateLimit;
    }

    @Override
    protected void authorize(Exchange exchange) {
        if (exchange.caller.readOnly() && !exchange.method().equals("GET")) {
            throw new ApiError(401, "token_readonly", "token is only allowed to perform GET requests");
        }
    }

    @Override
    protected Answer perform(Exchange exchange, ObjectNode body) {
        return api.perform(exchange.match, exchange.caller.project(), exchange.query(), body, exchange.uri());
    }

    @Override
    protected String name(Caller caller) {
        return caller.project().name;
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
    protected Refusal refusal(Faults.Fail fault) {
        return new ApiError(fault.status(), fault.code(), fault.message());
    }

    @Override
    protected Refusal noSuchPath(String path) {
        return new ApiError(404, "not_found", "path not found");
    }

    @Override
    protected Refusal badJson() {
        return new ApiError(400, "json_error", "invalid JSON");
    }
}
