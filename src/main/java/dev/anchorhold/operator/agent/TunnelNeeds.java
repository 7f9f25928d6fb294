package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentDecider.attempt;
import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.Ingress;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.cloudflare.TunnelConfiguration;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.Need;
import java.time.Duration;
import java.util.List;

/** What an Agent needs at Cloudflare: a tunnel that leads to its container, a name that leads to the tunnel. Pure. */
final class TunnelNeeds {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);

    private TunnelNeeds() {}

    /** One that somebody deleted is made anew: there is nothing in it, and its guest is sent the new one. */
    static Need<AgentStep> tunnel(AgentObservation agent, Cloud cloud, Edge edge) {
        return switch (edge.tunnels()) {
            case Unknown<List<Tunnel>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<List<Tunnel>> _ -> attempt(cloud, TUNNEL_CREATING, "making the tunnel", new CreateTunnel());
            case Seen<List<Tunnel>>(var all, var _) -> existing(agent, all.getFirst());
        };
    }

    /** Says nothing new of a tunnel that serves: the end of the chain does. */
    private static Need<AgentStep> existing(AgentObservation agent, Tunnel tunnel) {
        return Need.met(AS_SPECIFIED, "tunnel %s is there".formatted(tunnel.id()));
    }

    /** Not read yet after a start: what was on record holds until its turn comes; what never was is written. */
    static Need<AgentStep> configuration(AgentObservation agent, Cloud cloud, Edge edge) {
        String tunnel = edge.tunnel().orElseThrow().id();
        Ingress wanted = Ingress.to(
                edge.hostname(),
                "http://127.0.0.1:" + agent.frozen().orElseThrow().port());
        boolean right = switch (edge.configuration()) {
            case Unknown<TunnelConfiguration> _ -> AgentPlanBuilder.wasConfigured(agent, tunnel);
            case Absent<TunnelConfiguration> _ -> false;
            case Seen<TunnelConfiguration>(var it, var _) -> it.ingress().equals(wanted);
        };
        return right
                ? Need.met(AS_SPECIFIED, "tunnel %s leads to the container".formatted(tunnel))
                : attempt(cloud, TUNNEL_CONFIGURING, "writing what the tunnel leads to", new Configure(tunnel, wanted));
    }

    /** Only records with our comment are seen here; a stranger's of the same name answers the create call. */
    static Need<AgentStep> record(Cloud cloud, Edge edge) {
        var wanted = edge.desiredRecord(edge.tunnel().orElseThrow().id());
        return switch (edge.records()) {
            case Unknown<List<DnsRecord>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<List<DnsRecord>> _ ->
                attempt(cloud, RECORD_WRITING, "making the record of " + wanted.name(), new CreateRecord(wanted));
            case Seen<List<DnsRecord>>(var all, var _) -> {
                var first = all.getFirst();
                yield first.matches(wanted)
                        ? Need.met(AS_SPECIFIED, "%s leads to the tunnel".formatted(wanted.name()))
                        : attempt(
                                cloud,
                                RECORD_WRITING,
                                "putting the record of %s right".formatted(wanted.name()),
                                new UpdateRecord(first.id(), wanted));
            }
        };
    }

    /** A new owner: what the old one could know of the tunnel opens nothing any more (F38), before the books say so. */
    static Need<AgentStep> transferred(AgentObservation agent, Cloud cloud, Edge edge) {
        String before = agent.status().account();
        String now = agent.spec().account();
        if (before == null || before.equals(now)) {
            return Need.met(AS_SPECIFIED, "the account on record owns it");
        }
        return edge.rotatedFor().filter(now::equals).isPresent()
                ? Need.waitFor(TRANSFERRING, "handed over from '%s' to '%s'".formatted(before, now), Duration.ZERO)
                : attempt(
                        cloud,
                        TRANSFERRING,
                        "changing the tunnel's secret, from '%s' to '%s'".formatted(before, now),
                        new RotateTunnel(edge.tunnel().orElseThrow().id(), now));
    }

    /** A degraded tunnel carries requests too. */
    static Need<AgentStep> serving(AgentObservation agent, Edge edge) {
        Tunnel tunnel = edge.tunnel().orElseThrow();
        if (!agent.wantsRunning()) {
            return AgentDecider.metThoughFalse(PAUSED, "nothing is served while it is paused");
        }
        if (edge.uncovered().isPresent()) {
            var why = edge.uncovered().get();
            return Need.blocked(why.reason(), why.message(), LATER);
        }
        return tunnel.serves()
                ? Need.met(RUNNING, "serves " + edge.url())
                : Need.waitFor(TUNNEL_DOWN, "no connector serves tunnel " + tunnel.id(), LATER);
    }
}
