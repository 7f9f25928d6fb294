package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.cloudflare.CloudflareOwnership;
import dev.anchorhold.cloud.cloudflare.CreatedTunnel;
import dev.anchorhold.cloud.cloudflare.TunnelClient;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import java.util.Optional;

/**
 * Executes the steps on an Agent's Cloudflare tunnel. Its exact name marks it as ours, so that a name that is taken is
 * always our own work.
 */
final class TunnelExecutor extends EdgeStepExecutor {
    private final AgentCache cache;

    TunnelExecutor(
            HetznerSession session,
            Optional<CloudflareSession> edge,
            Agent agent,
            EventRecorder eventRecorder,
            AgentCache cache) {
        super(session, edge, agent, eventRecorder);
        this.cache = cache;
    }

    void create() {
        String name = CloudflareOwnership.tunnelName(session.installation(), uid());
        CreatedTunnel made = createOrAdopt(
                () -> edge().tunnels().create(Urgency.PROVISIONING, Purpose.CREATE, name),
                () -> edge().tunnels()
                        .findByName(Urgency.PROVISIONING, Purpose.LOOKUP, name)
                        .map(found -> new CreatedTunnel(found, "")));
        edge().inventory().recordTunnel(uid(), made.tunnel());
        if (!made.token().isEmpty()) {
            cache.token(uid(), made.tunnel().id(), made.token());
        }
        emitEvent("TunnelCreated", "CreateTunnel", "tunnel " + made.tunnel().id());
    }

    void configure(Configure s) {
        var now = edge().tunnels().configure(Urgency.PROVISIONING, Purpose.UPDATE, s.tunnelId(), s.ingress());
        edge().inventory().recordConfiguration(uid(), s.tunnelId(), now);
    }

    /** What a connector comes in with: remembered from the create call, else read. */
    String token(String tunnelId) {
        return cache.token(uid(), tunnelId).orElseGet(() -> {
            String token = edge().tunnels()
                    .token(Urgency.PROVISIONING, Purpose.KEYS, tunnelId)
                    .orElseThrow(() -> notFound(tunnelId));
            cache.token(uid(), tunnelId, token);
            return token;
        });
    }

    private CloudException notFound(String tunnelId) {
        requestReread();
        return new CloudException.NotFound(
                new CloudException.Detail("no_tunnel", "tunnel %s is gone".formatted(tunnelId), ""));
    }

    void rotate(RotateTunnel s) {
        edge().tunnels().rotate(Urgency.DELETION_OR_PERSON, Purpose.KEYS, s.tunnelId(), TunnelClient.newSecret());
        edge().tunnels().dropConnections(Urgency.DELETION_OR_PERSON, Purpose.KEYS, s.tunnelId());
        cache.secretRotated(uid(), s.account());
        edge().inventory().expectConnector(uid());
        emitEvent(
                "TunnelRotated",
                "Transfer",
                "the tunnel has a new secret, and nobody is connected by the old one, for account '%s'"
                        .formatted(s.account()));
    }

    /** The guest may still be connected for a moment after its server went: it is cut off first (F18). */
    void delete(String tunnelId) {
        requireOwned(tunnelId);
        edge().tunnels().dropConnections(Urgency.DELETION_OR_PERSON, Purpose.DELETE, tunnelId);
        edge().tunnels().delete(Urgency.DELETION_OR_PERSON, Purpose.DELETE, tunnelId);
        edge().inventory().recordTunnelDeleted(uid(), tunnelId);
        emitEvent("TunnelDeleted", "DeleteTunnel", "deleted tunnel " + tunnelId);
    }

    void disown(DisownTunnel s) {
        requireOwned(s.tunnelId());
        edge().tunnels()
                .rename(
                        Urgency.DELETION_OR_PERSON,
                        Purpose.DELETE,
                        s.tunnelId(),
                        CloudflareOwnership.abandonedTunnelName(session.installation(), uid()));
        edge().inventory().recordTunnelDeleted(uid(), s.tunnelId());
        emitEvent("TunnelReleased", "Disown", "tunnel %s stays, and is no longer looked after".formatted(s.tunnelId()));
    }

    /** Renamed already, by a process that died: then it is as wanted. */
    void take(TakeTunnel s) {
        var there = edge().tunnels()
                .get(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, s.tunnelId())
                .orElseThrow(() -> notFound(s.tunnelId()));
        String owner = edge().inventory().uidOf(there);
        if (owner.equals(uid())) {
            edge().inventory().recordTunnel(uid(), there);
            return;
        }
        if (!owner.equals(s.from())) {
            throw notFound(s.tunnelId());
        }
        String name = CloudflareOwnership.tunnelName(session.installation(), uid());
        edge().tunnels().rename(Urgency.DELETION_OR_PERSON, Purpose.UPDATE, s.tunnelId(), name);
        edge().inventory().recordTunnel(uid(), there.withName(name));
        emitEvent("Adopted", "Adopt", "took over tunnel %s from %s".formatted(s.tunnelId(), s.from()));
    }

    /** Somebody may have given it another name: then it is not ours any more, and is not touched (F19). */
    private void requireOwned(String tunnelId) {
        edge().tunnels()
                .get(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, tunnelId)
                .filter(t -> !uid().equals(edge().inventory().uidOf(t)))
                .ifPresent(_ -> {
                    throw new CloudException.NotFound(new CloudException.Detail(
                            "not_ours", "tunnel %s does not bear our name any more".formatted(tunnelId), ""));
                });
    }
}
