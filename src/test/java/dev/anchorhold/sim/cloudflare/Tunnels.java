package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/** Handlers of {@code /accounts/{account_id}/cfd_tunnel}: tunnels and their tokens (providers.md B.1). */
final class Tunnels {
    private static final String PATH = "/accounts/{account_id}/cfd_tunnel";
    static final String ONE = PATH + "/{tunnel_id}";
    private static final int MAX_NAME_LENGTH = 100;

    private final CloudflareState state;
    private final ConnectorRegistry connectors;

    Tunnels(CloudflareState state, Router<CloudflareRequest> router, ConnectorRegistry connectors) {
        this.state = state;
        this.connectors = connectors;
        router.add("POST", PATH, this::create);
        router.add("GET", PATH, this::list);
        router.add("GET", ONE, request -> Envelope.of(json(find(request))));
        router.add("PATCH", ONE, this::change);
        router.add("DELETE", ONE, this::delete);
        router.add(
                "GET",
                ONE + "/token",
                request -> Envelope.of(TextNode.valueOf(ConnectorRegistry.token(live(request)))));
    }

    /** The tunnel that the path names, also when it is deleted. */
    private CloudflareRow.Tunnel find(CloudflareRequest request) {
        String id = request.path().get("tunnel_id");
        return state.tunnels(request.account())
                .filter(tunnel -> tunnel.id.equals(id))
                .findFirst()
                .orElseThrow(CloudflareApiError::noSuchTunnel);
    }

    CloudflareRow.Tunnel live(CloudflareRequest request) {
        var tunnel = find(request);
        if (tunnel.deleted != null) throw CloudflareApiError.noSuchTunnel();
        return tunnel;
    }

    private ApiResponse create(CloudflareRequest request) {
        String name = name(request, null);
        if (name == null) throw CloudflareApiError.invalid("name is required");
        String secret = secret(request);
        var tunnel = new CloudflareRow.Tunnel();
        tunnel.account = request.account().id;
        tunnel.name = name;
        tunnel.secret = secret == null ? newSecret() : secret;
        tunnel.configSource = configSource(request);
        state.tables.put(state.initialize(tunnel, UUID.randomUUID().toString()));
        var json = json(tunnel);
        json.putObject("credentials_file")
                .put("AccountTag", tunnel.account)
                .put("TunnelID", tunnel.id)
                .put("TunnelName", tunnel.name)
                .put("TunnelSecret", tunnel.secret);
        return Envelope.of(json.put("token", ConnectorRegistry.token(tunnel)));
    }

    private ApiResponse change(CloudflareRequest request) {
        var tunnel = live(request);
        String name = name(request, tunnel);
        String secret = secret(request);
        if (name != null) tunnel.name = name;
        if (secret != null) tunnel.secret = secret;
        if (secret != null && state.knobs.rotationDrops) connectors.drop(tunnel, _ -> true);
        state.tables.put(tunnel);
        return Envelope.of(json(tunnel));
    }

    private ApiResponse delete(CloudflareRequest request) {
        var tunnel = live(request);
        if ("true".equals(request.one("cascade"))) {
            connectors.drop(tunnel, _ -> true);
            tunnel.connections.clear();
        }
        if (!tunnel.connections.isEmpty()) {
            throw new CloudflareApiError(400, 1022, "Cannot delete tunnel because it has active connections");
        }
        tunnel.deleted = state.now();
        state.tables.put(tunnel);
        return Envelope.of(json(tunnel));
    }

    private String name(CloudflareRequest request, CloudflareRow.Tunnel except) {
        String name = request.text("name");
        if (name == null) return null;
        if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
            throw CloudflareApiError.invalid("name must have 1 to %d characters".formatted(MAX_NAME_LENGTH));
        }
        boolean taken = state.tunnels(request.account())
                .anyMatch(tunnel -> tunnel != except && tunnel.deleted == null && tunnel.name.equals(name));
        if (taken) {
            throw new CloudflareApiError(
                    409,
                    1013,
                    "You already have a tunnel with this name. Please choose a different name for your tunnel.");
        }
        return name;
    }

    private static String secret(CloudflareRequest request) {
        String secret = request.text("tunnel_secret");
        if (secret == null) return null;
        try {
            if (Base64.getDecoder().decode(secret).length >= 32) return secret;
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw CloudflareApiError.invalid("tunnel_secret must be at least 32 bytes, in base64");
    }

    private static String newSecret() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return Base64.getEncoder().encodeToString(secret);
    }

    private static String configSource(CloudflareRequest request) {
        return switch (request.text("config_src")) {
            case null -> "local";
            case String it when it.equals("local") || it.equals("cloudflare") -> it;
            default -> throw CloudflareApiError.invalid("config_src must be local or cloudflare");
        };
    }

    private ApiResponse list(CloudflareRequest request) {
        Predicate<CloudflareRow.Tunnel> wanted = state::listed;
        wanted = wanted.and(filter(request, "name", text -> it -> it.name.equals(text)));
        wanted = wanted.and(filter(request, "uuid", text -> it -> it.id.equals(text)));
        wanted = wanted.and(filter(request, "status", text -> it -> it.status().equals(text)));
        wanted = wanted.and(filter(request, "include_prefix", text -> it -> it.name.startsWith(text)));
        wanted = wanted.and(filter(request, "exclude_prefix", text -> it -> !it.name.startsWith(text)));
        wanted = wanted.and(at(request, "existed_at", (it, time) -> existed(it, time)));
        wanted = wanted.and(at(request, "was_active_at", (it, time) -> wasActive(it, time)));
        wanted = wanted.and(at(request, "was_inactive_at", (it, time) -> existed(it, time) && !wasActive(it, time)));
        // Since 2025-12-01 deleted ones come only when asked for.
        boolean deleted = "true".equals(request.one("is_deleted"));
        wanted = wanted.and(it -> (it.deleted != null) == deleted || request.one("existed_at") != null);
        return Envelope.page(
                request,
                20,
                1000,
                state.tunnels(request.account()).filter(wanted).toList(),
                this::json);
    }

    private static Predicate<CloudflareRow.Tunnel> filter(
            CloudflareRequest request, String name, Function<String, Predicate<CloudflareRow.Tunnel>> filter) {
        String text = request.one(name);
        return text == null ? _ -> true : filter.apply(text);
    }

    private interface Moment {
        boolean test(CloudflareRow.Tunnel tunnel, Instant time);
    }

    private static Predicate<CloudflareRow.Tunnel> at(CloudflareRequest request, String name, Moment moment) {
        return filter(request, name, text -> {
            try {
                var time = Instant.parse(text);
                return it -> moment.test(it, time);
            } catch (DateTimeException e) {
                throw CloudflareApiError.invalid("%s must be a time".formatted(name));
            }
        });
    }

    private static boolean existed(CloudflareRow.Tunnel tunnel, Instant time) {
        return !tunnel.created.isAfter(time) && (tunnel.deleted == null || tunnel.deleted.isAfter(time));
    }

    /** As far as the times of the last connections show. */
    private static boolean wasActive(CloudflareRow.Tunnel tunnel, Instant time) {
        return tunnel.activeAt != null
                && !tunnel.activeAt.isAfter(time)
                && (tunnel.inactiveAt == null || tunnel.inactiveAt.isAfter(time));
    }

    private ObjectNode json(CloudflareRow.Tunnel tunnel) {
        var json = ApiResponse.Json.object()
                .put("id", tunnel.id)
                .put("account_tag", tunnel.account)
                .put("name", tunnel.name)
                .put("created_at", CloudflareState.time(tunnel.created))
                .put("deleted_at", CloudflareState.time(tunnel.deleted))
                .put("conns_active_at", tunnel.inactiveAt == null ? CloudflareState.time(tunnel.activeAt) : null)
                .put("conns_inactive_at", CloudflareState.time(tunnel.inactiveAt))
                .put("tun_type", "cfd_tunnel")
                .put("status", tunnel.status())
                .put("config_src", tunnel.configSource)
                .put("remote_config", tunnel.configSource.equals("cloudflare"));
        json.putObject("metadata");
        return json;
    }
}
