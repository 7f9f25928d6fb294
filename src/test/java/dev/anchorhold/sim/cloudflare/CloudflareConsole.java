package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ConsoleHttpHandler;
import dev.anchorhold.sim.cloud.QueryString;
import dev.anchorhold.sim.cloud.TokenAccess;
import java.net.URI;
import java.time.Duration;

/**
 * The simulated dashboard: what a person does in Cloudflare's, and the knobs of the simulation. What is done here
 * needs no token, costs no request and meets no fault. Thread-safe.
 */
public final class CloudflareConsole {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CloudflareApi api;
    private final CloudflareState state;

    CloudflareConsole(CloudflareApi api) {
        this.api = api;
        this.state = api.state;
    }

    /**
     * Makes a request by hand, in the default account; returns the API's {@code result}. Throws when it is refused.
     *
     * @param path below {@code /client/v4}; {@code {account}} in it stands for the account's id
     */
    public JsonNode act(String method, String path, String body) {
        return act("default", method, path, body).path("result");
    }

    /** The same in any account; returns the whole body. */
    JsonNode act(String account, String method, String path, String body) {
        var owner = state.account(account);
        var uri = URI.create(path.replace("{account}", owner.id));
        var match = api.router.match(method, uri.getPath());
        if (match == null) throw new IllegalArgumentException("no such path: " + path);
        var request = new CloudflareRequest(owner, "", match.path(), QueryString.of(uri), parse(body));
        var response = api.perform(match, request);
        if (response.status() >= 400) throw new ConsoleHttpHandler.ActionRefused(response);
        return response.body();
    }

    private static ObjectNode parse(String body) {
        try {
            return body == null || body.isBlank() ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private JsonNode tunnel(String method, String tunnel, String more, String body) {
        String account = state.locked(() -> state.tables
                .all(CloudflareRow.Tunnel.class)
                .filter(it -> it.id.equals(tunnel))
                .map(it -> state.accounts.get(it.account).name)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such tunnel: " + tunnel)));
        return act(account, method, "/accounts/{account}/cfd_tunnel/" + tunnel + more, body)
                .path("result");
    }

    /** With its connections and all else that depends on it ({@code cascade}). */
    public void deleteTunnel(String tunnel) {
        tunnel("DELETE", tunnel, "?cascade=true", null);
    }

    public void dropConnections(String tunnel) {
        tunnel("DELETE", tunnel, "/connections", null);
    }

    /** @param secret base64 of at least 32 bytes */
    public void rotate(String tunnel, String secret) {
        tunnel(
                "PATCH",
                tunnel,
                "",
                JSON.createObjectNode().put("tunnel_secret", secret).toString());
    }

    /** The tunnel's current token. */
    public String tunnelToken(String tunnel) {
        return tunnel("GET", tunnel, "/token", null).asText();
    }

    /** @param config {@code {"ingress":[…]}} */
    public void configure(String tunnel, String config) {
        tunnel("PUT", tunnel, "/configurations", "{\"config\":%s}".formatted(config));
    }

    /** {@code inactive, degraded, healthy} or {@code down}. */
    public String tunnelStatus(String tunnel) {
        return tunnel("GET", tunnel, "", null).path("status").asText();
    }

    /** Connects a connector that serves nothing, as cloudflared would with the token. It reconnects after it was dropped. */
    public SimulatedConnector connect(String token) {
        var connector = new SimulatedConnector(api, token);
        connector.dial();
        return connector;
    }

    /** @param record as JSON, for POST */
    public String createRecord(String zone, String record) {
        return record("POST", zone, "", record).path("id").asText();
    }

    public void changeRecord(String zone, String id, String changes) {
        record("PATCH", zone, "/" + id, changes);
    }

    public void deleteRecord(String zone, String id) {
        record("DELETE", zone, "/" + id, null);
    }

    private JsonNode record(String method, String zone, String more, String body) {
        var where = state.zone(zone);
        return act(where.account().name, method, "/zones/%s/dns_records%s".formatted(where.id(), more), body)
                .path("result");
    }

    public void listLag(Duration lag) {
        turn(() -> state.knobs.listLag = lag);
    }

    public void connectionLinger(Duration linger) {
        turn(() -> state.knobs.connectionLinger = linger);
    }

    public void reconnectAfter(Duration pause) {
        turn(() -> state.knobs.reconnectAfter = pause);
    }

    /** Whether a new secret closes the open connections. */
    public void rotationDrops(boolean drops) {
        turn(() -> state.knobs.rotationDrops = drops);
    }

    /** @param what {@code records} in a zone, {@code comment} in characters, {@code tags} of a record */
    public void limit(String what, int max) {
        turn(() -> {
            switch (what) {
                case "records" -> state.knobs.recordLimit = max;
                case "comment" -> state.knobs.commentLimit = max;
                case "tags" -> state.knobs.tagLimit = max;
                default -> throw new IllegalArgumentException("no such limit: " + what);
            }
        });
    }

    /** A token not known yet is added. */
    public void token(String account, String token, TokenAccess access) {
        if (token.length() < 40) throw new IllegalArgumentException("tokens have 40 characters or more");
        state.account(account).tokens.put(token, access);
    }

    public void rateLimit(String account, int requests, Duration window) {
        state.account(account).rateLimit.configure(requests, window);
    }

    /** Sets how many requests are left in this window. */
    public void rateLimitLeft(String account, int requests) {
        state.account(account).rateLimit.setLeft(requests);
    }

    /** All requests are refused for so long, as if there had been too many. */
    public void block(String account, Duration time) {
        state.account(account).rateLimit.block(time);
    }

    /** Sets all knobs to their defaults; limits and tokens stay as they are. */
    public void resetKnobs() {
        turn(state.knobs::reset);
    }

    private void turn(Runnable knob) {
        state.locked(() -> {
            knob.run();
            return null;
        });
    }
}
