package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Access;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.HttpFront;
import dev.anchorhold.sim.cloud.Refusal;
import dev.anchorhold.sim.cloud.RequestLog;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** {@code /client/v4} over HTTP: whose token it is, what it may do, and Cloudflare's way of refusing. */
final class CloudflareFront extends HttpFront<Call, CloudflareFront.Caller> {
    static final String PREFIX = "/client/v4";

    record Caller(Account account, String token, Access access) {}

    private final Api api;
    private final RateWindow strangers;

    CloudflareFront(Vertx vertx, Api api, Faults faults, RequestLog log, RateWindow strangers) {
        super(vertx, PREFIX, api.router, faults, log, api.estate.clock);
        this.api = api;
        this.strangers = strangers;
    }

    @Override
    protected void admit(Exchange exchange) {
        String token = exchange.bearerToken();
        Caller known = null;
        for (Account account : api.estate.accounts.values()) {
            var access = account.tokens.get(token);
            if (access != null) known = new Caller(account, token, access);
        }
        boolean valid = known != null && known.access != Access.REVOKED;
        if (valid) exchange.caller = known;
        var rateLimit = rateLimit(exchange);
        if (!rateLimit.take()) throw CloudflareError.tooManyRequests(rateLimit.reset());
        if (!valid) throw unknown(exchange, token);
    }

    /** Each part of the API has words of its own for a token that is no good. */
    private static CloudflareError unknown(HttpFront<Call, Caller>.Exchange exchange, String token) {
        if (exchange.header("Authorization") == null) {
            return new CloudflareError(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
        }
        if (!token.matches("[A-Za-z0-9_-]{40,}")) return CloudflareError.badHeaders();
        if (exchange.path.endsWith("/tokens/verify")) return new CloudflareError(401, 1000, "Invalid API Token");
        if (exchange.path.startsWith("/zones")) return new CloudflareError(403, 9109, "Invalid access token");
        return CloudflareError.notAuthenticated(401);
    }

    private RateWindow rateLimit(Exchange exchange) {
        return exchange.caller == null ? strangers : exchange.caller.account.rateLimit;
    }

    @Override
    protected void authorize(Exchange exchange) {
        var path = exchange.match.path();
        for (String id : path.values()) {
            if (!id.matches("[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) throw noSuchPath(exchange.path);
        }
        String account = path.get("account_id");
        if (account != null && !account.equals(exchange.caller.account.id)) throw CloudflareError.notAuthenticated(403);
        String zone = path.get("zone_id");
        if (zone != null) {
            var known = api.estate.zones.get(zone);
            if (known == null || known.account() != exchange.caller.account) {
                throw new CloudflareError(403, 9109, "Unauthorized to access requested resource");
            }
        }
        boolean changes = !exchange.method().equals("GET")
                || exchange.match.route().template().endsWith("/cfd_tunnel/{tunnel_id}/token");
        if (changes && exchange.caller.access == Access.READ_ONLY) throw CloudflareError.notAuthenticated(403);
    }

    @Override
    protected Answer perform(Exchange exchange, ObjectNode body) {
        var caller = exchange.caller;
        return api.perform(
                exchange.match, new Call(caller.account, caller.token, exchange.match.path(), exchange.query(), body));
    }

    @Override
    protected String name(Caller caller) {
        return caller.account.name;
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
    protected Refusal refusal(Faults.Fail fault) {
        return fault.status() == 429
                ? CloudflareError.tooManyRequests(strangers.windowSeconds())
                : new CloudflareError(fault.status(), Integer.parseInt(fault.code()), fault.message());
    }

    @Override
    protected Refusal noSuchPath(String path) {
        return CloudflareError.noRoute(PREFIX + path);
    }

    @Override
    protected Refusal badJson() {
        return new CloudflareError(400, 6007, "Malformed JSON in request body");
    }
}
