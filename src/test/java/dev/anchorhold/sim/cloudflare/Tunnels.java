package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/** {@code /accounts/{account_id}/cfd_tunnel}: tunnels and their tokens (providers.md B.1). */
final class Tunnels {
    private static final String PATH = "/accounts/{account_id}/cfd_tunnel";
    static final String ONE = PATH + "/{tunnel_id}";
    private static final int LONGEST_NAME = 100;

    private final Estate estate;
    private final Connectors connectors;

    Tunnels(Estate estate, Router<Call> router, Connectors connectors) {
        this.estate = estate;
        this.connectors = connectors;
        router.add("POST", PATH, this::create);
        router.add("GET", PATH, this::list);
        router.add("GET", ONE, call -> Envelope.of(json(known(call))));
        router.add("PATCH", ONE, this::change);
        router.add("DELETE", ONE, this::delete);
        router.add("GET", ONE + "/token", call -> Envelope.of(TextNode.valueOf(Connectors.token(live(call)))));
    }

    /** Deleted ones too. */
    private Row.Tunnel known(Call call) {
        String id = call.path().get("tunnel_id");
        return estate.tunnels(call.account())
                .filter(tunnel -> tunnel.id.equals(id))
                .findFirst()
                .orElseThrow(CloudflareError::noSuchTunnel);
    }

    Row.Tunnel live(Call call) {
        var tunnel = known(call);
        if (tunnel.deleted != null) throw CloudflareError.noSuchTunnel();
        return tunnel;
    }

    private Answer create(Call call) {
        String name = name(call, null);
        if (name == null) throw CloudflareError.invalid("name is required");
        String secret = secret(call);
        var tunnel = new Row.Tunnel();
        tunnel.account = call.account().id;
        tunnel.name = name;
        tunnel.secret = secret == null ? newSecret() : secret;
        tunnel.configSource = configSource(call);
        estate.tables.put(estate.born(tunnel, UUID.randomUUID().toString()));
        var json = json(tunnel);
        json.putObject("credentials_file")
                .put("AccountTag", tunnel.account)
                .put("TunnelID", tunnel.id)
                .put("TunnelName", tunnel.name)
                .put("TunnelSecret", tunnel.secret);
        return Envelope.of(json.put("token", Connectors.token(tunnel)));
    }

    private Answer change(Call call) {
        var tunnel = live(call);
        String name = name(call, tunnel);
        String secret = secret(call);
        if (name != null) tunnel.name = name;
        if (secret != null) tunnel.secret = secret;
        if (secret != null && estate.knobs.rotationDrops) connectors.drop(tunnel, _ -> true);
        estate.tables.put(tunnel);
        return Envelope.of(json(tunnel));
    }

    private Answer delete(Call call) {
        var tunnel = live(call);
        if ("true".equals(call.one("cascade"))) {
            connectors.drop(tunnel, _ -> true);
            tunnel.connections.clear();
        }
        if (!tunnel.connections.isEmpty()) {
            throw new CloudflareError(400, 1022, "Cannot delete tunnel because it has active connections");
        }
        tunnel.deleted = estate.now();
        estate.tables.put(tunnel);
        return Envelope.of(json(tunnel));
    }

    private String name(Call call, Row.Tunnel except) {
        String name = call.text("name");
        if (name == null) return null;
        if (name.isBlank() || name.length() > LONGEST_NAME) {
            throw CloudflareError.invalid("name must have 1 to %d characters".formatted(LONGEST_NAME));
        }
        boolean taken = estate.tunnels(call.account())
                .anyMatch(tunnel -> tunnel != except && tunnel.deleted == null && tunnel.name.equals(name));
        if (taken) {
            throw new CloudflareError(
                    409,
                    1013,
                    "You already have a tunnel with this name. Please choose a different name for your tunnel.");
        }
        return name;
    }

    private static String secret(Call call) {
        String secret = call.text("tunnel_secret");
        if (secret == null) return null;
        try {
            if (Base64.getDecoder().decode(secret).length >= 32) return secret;
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw CloudflareError.invalid("tunnel_secret must be at least 32 bytes, in base64");
    }

    private static String newSecret() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return Base64.getEncoder().encodeToString(secret);
    }

    private static String configSource(Call call) {
        return switch (call.text("config_src")) {
            case null -> "local";
            case String it when it.equals("local") || it.equals("cloudflare") -> it;
            default -> throw CloudflareError.invalid("config_src must be local or cloudflare");
        };
    }

    private Answer list(Call call) {
        Predicate<Row.Tunnel> wanted = estate::listed;
        wanted = wanted.and(filter(call, "name", text -> it -> it.name.equals(text)));
        wanted = wanted.and(filter(call, "uuid", text -> it -> it.id.equals(text)));
        wanted = wanted.and(filter(call, "status", text -> it -> it.status().equals(text)));
        wanted = wanted.and(filter(call, "include_prefix", text -> it -> it.name.startsWith(text)));
        wanted = wanted.and(filter(call, "exclude_prefix", text -> it -> !it.name.startsWith(text)));
        wanted = wanted.and(at(call, "existed_at", (it, time) -> lived(it, time)));
        wanted = wanted.and(at(call, "was_active_at", (it, time) -> wasActive(it, time)));
        wanted = wanted.and(at(call, "was_inactive_at", (it, time) -> lived(it, time) && !wasActive(it, time)));
        // Since 2025-12-01 deleted ones come only when asked for.
        boolean deleted = "true".equals(call.one("is_deleted"));
        wanted = wanted.and(it -> (it.deleted != null) == deleted || call.one("existed_at") != null);
        return Envelope.page(
                call, 20, 1000, estate.tunnels(call.account()).filter(wanted).toList(), this::json);
    }

    private static Predicate<Row.Tunnel> filter(
            Call call, String name, Function<String, Predicate<Row.Tunnel>> filter) {
        String text = call.one(name);
        return text == null ? _ -> true : filter.apply(text);
    }

    private interface Moment {
        boolean test(Row.Tunnel tunnel, Instant time);
    }

    private static Predicate<Row.Tunnel> at(Call call, String name, Moment moment) {
        return filter(call, name, text -> {
            try {
                var time = Instant.parse(text);
                return it -> moment.test(it, time);
            } catch (DateTimeException e) {
                throw CloudflareError.invalid("%s must be a time".formatted(name));
            }
        });
    }

    private static boolean lived(Row.Tunnel tunnel, Instant time) {
        return !tunnel.created.isAfter(time) && (tunnel.deleted == null || tunnel.deleted.isAfter(time));
    }

    /** As far as the last connections tell. */
    private static boolean wasActive(Row.Tunnel tunnel, Instant time) {
        return tunnel.activeAt != null
                && !tunnel.activeAt.isAfter(time)
                && (tunnel.inactiveAt == null || tunnel.inactiveAt.isAfter(time));
    }

    private ObjectNode json(Row.Tunnel tunnel) {
        var json = Answer.Json.object()
                .put("id", tunnel.id)
                .put("account_tag", tunnel.account)
                .put("name", tunnel.name)
                .put("created_at", Estate.time(tunnel.created))
                .put("deleted_at", Estate.time(tunnel.deleted))
                .put("conns_active_at", tunnel.inactiveAt == null ? Estate.time(tunnel.activeAt) : null)
                .put("conns_inactive_at", Estate.time(tunnel.inactiveAt))
                .put("tun_type", "cfd_tunnel")
                .put("status", tunnel.status())
                .put("config_src", tunnel.configSource)
                .put("remote_config", tunnel.configSource.equals("cloudflare"));
        json.putObject("metadata");
        return json;
    }
}
