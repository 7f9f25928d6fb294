package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiHttpHandler;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.cloud.SimulatedApiError;
import dev.anchorhold.sim.cloud.TokenAccess;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Serves {@code /client/v4} over HTTP: identifies the token's account, checks what the token may do, and answers with
 * Cloudflare's errors.
 */
final class CloudflareHttpHandler extends ApiHttpHandler<CloudflareRequest, CloudflareHttpHandler.TokenOwner> {
    static final String PREFIX = "/client/v4";

    record TokenOwner(SimulatedAccount account, String token, TokenAccess access) {}

    private final CloudflareApi api;
    private final RateLimitWindow unauthenticatedLimit;

    CloudflareHttpHandler(
            Vertx vertx, CloudflareApi api, Faults faults, RequestLog log, RateLimitWindow unauthenticatedLimit) {
        super(vertx, PREFIX, api.router, faults, log, api.state.clock);
        this.api = api;
        this.unauthenticatedLimit = unauthenticatedLimit;
    }

    @Override
    protected void admit(Exchange exchange) {
        String token = exchange.bearerToken();
        TokenOwner known = null;
        for (SimulatedAccount account : api.state.accounts.values()) {
            var access = account.tokens.get(token);
            if (access != null) known = new TokenOwner(account, token, access);
        }
        boolean valid = known != null && known.access != TokenAccess.REVOKED;
        if (valid) exchange.caller = known;
        var rateLimit = rateLimit(exchange);
        if (!rateLimit.take()) throw CloudflareApiError.tooManyRequests(rateLimit.reset());
        if (!valid) throw invalidToken(exchange, token);
    }

    /** Each part of the API has an error of its own for an invalid token. */
    private static CloudflareApiError invalidToken(
            ApiHttpHandler<CloudflareRequest, TokenOwner>.Exchange exchange, String token) {
        if (exchange.header("Authorization") == null) {
            return new CloudflareApiError(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
        }
        if (!token.matches("[A-Za-z0-9_-]{40,}")) return CloudflareApiError.badHeaders();
        if (exchange.path.endsWith("/tokens/verify")) return new CloudflareApiError(401, 1000, "Invalid API Token");
        if (exchange.path.startsWith("/zones")) return new CloudflareApiError(403, 9109, "Invalid access token");
        return CloudflareApiError.notAuthenticated(401);
    }

    private RateLimitWindow rateLimit(Exchange exchange) {
        return exchange.caller == null ? unauthenticatedLimit : exchange.caller.account.rateLimit;
    }

    @Override
    protected void authorize(Exchange exchange) {
        var path = exchange.match.path();
        for (String id : path.values()) {
            if (!id.matches("[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) throw noSuchPath(exchange.path);
        }
        String account = path.get("account_id");
        if (account != null && !account.equals(exchange.caller.account.id))
            throw CloudflareApiError.notAuthenticated(403);
        String zone = path.get("zone_id");
        if (zone != null) {
            var known = api.state.zones.get(zone);
            if (known == null || known.account() != exchange.caller.account) {
                throw new CloudflareApiError(403, 9109, "Unauthorized to access requested resource");
            }
        }
        boolean changes = !exchange.method().equals("GET")
                || exchange.match.route().template().endsWith("/cfd_tunnel/{tunnel_id}/token");
        if (changes && exchange.caller.access == TokenAccess.READ_ONLY) throw CloudflareApiError.notAuthenticated(403);
    }

    @Override
    protected ApiResponse perform(Exchange exchange, ObjectNode body) {
        var tokenOwner = exchange.caller;
        return api.perform(
                exchange.match,
                new CloudflareRequest(
                        tokenOwner.account, tokenOwner.token, exchange.match.path(), exchange.query(), body));
    }

    @Override
    protected String name(TokenOwner tokenOwner) {
        return tokenOwner.account.name;
    }

    @Override
    protected Map<String, String> headers(Exchange exchange) {
        byte[] ray = new byte[8];
        ThreadLocalRandom.current().nextBytes(ray);
        var rateLimit = rateLimit(exchange);
        var headers = new LinkedHashMap<String, String>();
        headers.put("CF-Ray", HexFormat.of().formatHex(ray) + "-HEL");
        headers.put("Ratelimit", "\"default\";r=%d;t=%d".formatted(rateLimit.remaining(), rateLimit.reset()));
        headers.put(
                "Ratelimit-Policy", "\"default\";q=%d;w=%d".formatted(rateLimit.limit(), rateLimit.windowSeconds()));
        return headers;
    }

    @Override
    protected SimulatedApiError injectedError(Faults.Fail fault) {
        return fault.status() == 429
                ? CloudflareApiError.tooManyRequests(unauthenticatedLimit.windowSeconds())
                : new CloudflareApiError(fault.status(), Integer.parseInt(fault.code()), fault.message());
    }

    @Override
    protected SimulatedApiError noSuchPath(String path) {
        return CloudflareApiError.noRoute(PREFIX + path);
    }

    @Override
    protected SimulatedApiError badJson() {
        return new CloudflareApiError(400, 6007, "Malformed JSON in request body");
    }
}
