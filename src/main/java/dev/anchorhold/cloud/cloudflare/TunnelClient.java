package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Client of the account's tunnels (providers.md B.1), by {@link CloudflareClient#tunnels()}. */
public final class TunnelClient {
    private static final int SECRET_BYTES = 32;

    private final CloudflareRequests calls;
    private final String path;

    TunnelClient(CloudflareRequests calls, String accountId) {
        this.calls = calls;
        this.path = "accounts/%s/cfd_tunnel".formatted(accountId);
    }

    /** One whose configuration is kept in the cloud. A live one of that name is {@code NameTaken}. */
    public CreatedTunnel create(Urgency urgency, Purpose purpose, String name) {
        var answer = calls.write(
                urgency, purpose, "POST", path, CloudflareJson.newTunnel(name), CloudflareJson.CreatedAnswer.class);
        var created = calls.requirePart(answer.result());
        calls.requirePart(created.token());
        return created.tunnel();
    }

    /** Empty if it was deleted, although the cloud still lists it then. */
    public Optional<Tunnel> get(Urgency urgency, Purpose purpose, String id) {
        return calls.optional(
                        () -> calls.get(urgency, purpose, calls.url(path + "/" + id), CloudflareJson.TunnelAnswer.class)
                                .result())
                .filter(tunnel -> !tunnel.deleted());
    }

    public Optional<Tunnel> findByName(Urgency urgency, Purpose purpose, String name) {
        return listByName(urgency, purpose, name, 1).items().stream().findFirst();
    }

    /** The live one of exactly this name, as a page. */
    CloudPage<Tunnel> listByName(Urgency urgency, Purpose purpose, String name, int page) {
        var found = live(urgency, purpose, "name", name, page);
        var exact = found.items().stream()
                .filter(tunnel -> tunnel.name().equals(name))
                .toList();
        return new CloudPage<>(exact, found.next(), -1);
    }

    /** Live tunnels whose names begin so. */
    CloudPage<Tunnel> listByPrefix(Urgency urgency, Purpose purpose, String prefix, int page) {
        return live(urgency, purpose, "include_prefix", prefix, page);
    }

    private CloudPage<Tunnel> live(Urgency urgency, Purpose purpose, String filter, String value, int page) {
        var url = calls.url(path).addQueryParameter(filter, value).addQueryParameter("is_deleted", "false");
        return calls.page(urgency, purpose, url, page, CloudflareJson.TunnelsAnswer.class);
    }

    /** What a connector needs to be this tunnel's: a secret. Empty if there is no such tunnel. */
    public Optional<String> token(Urgency urgency, Purpose purpose, String id) {
        var url = calls.url(path + "/" + id + "/token");
        return calls.optional(() -> calls.get(urgency, purpose, url, CloudflareJson.TokenAnswer.class)
                .result());
    }

    /** Fresh, for {@link #rotate}. */
    public static String newSecret() {
        var secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return Base64.getEncoder().encodeToString(secret);
    }

    /** From now on the old token opens nothing; connectors that it opened stay until {@link #dropConnections}. Read the new token afterwards. */
    public void rotate(Urgency urgency, Purpose purpose, String id, String secret) {
        calls.write(
                urgency,
                purpose,
                "PATCH",
                path + "/" + id,
                Map.of("tunnel_secret", secret),
                List.of(secret),
                Void.class);
    }

    /** Its name is what marks it as ours: it gets another, and is a stranger's from then on. */
    public void rename(Urgency urgency, Purpose purpose, String id, String name) {
        calls.write(urgency, purpose, "PATCH", path + "/" + id, Map.of("name", name), List.of(), Void.class);
    }

    /** Cuts all connectors off. One that still runs and has a valid token is back within seconds. */
    public void dropConnections(Urgency urgency, Purpose purpose, String id) {
        calls.delete(urgency, purpose, path + "/" + id + "/connections");
    }

    /** Absent already is success (F21); with connectors it is {@code InUse} (F18). Records that lead to it stay. */
    public void delete(Urgency urgency, Purpose purpose, String id) {
        calls.delete(urgency, purpose, path + "/" + id);
    }

    /** Empty if there is no such tunnel. */
    public Optional<TunnelConfiguration> configuration(Urgency urgency, Purpose purpose, String id) {
        return calls.optional(() -> calls.get(
                                urgency,
                                purpose,
                                calls.url(path + "/" + id + "/configurations"),
                                CloudflareJson.ConfigurationAnswer.class)
                        .result())
                .map(CloudflareJson.Configured::configuration);
    }

    /** Replaces the whole of it. Who writes last wins. */
    public TunnelConfiguration configure(Urgency urgency, Purpose purpose, String id, Ingress ingress) {
        var answer = calls.write(
                urgency,
                purpose,
                "PUT",
                path + "/" + id + "/configurations",
                CloudflareJson.config(ingress),
                CloudflareJson.ConfigurationAnswer.class);
        return calls.requirePart(answer.result()).configuration();
    }
}
