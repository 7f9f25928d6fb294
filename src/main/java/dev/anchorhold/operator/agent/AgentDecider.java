package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.operator.adoption.AdoptionNeeds;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.pipeline.StaleInventory;
import dev.anchorhold.operator.server.ServerNeeds;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides an Agent's next steps and its conditions from an observation: the order of its needs is its behaviour. No
 * I/O, no clock, no JSON. Image and frozen spec are in {@link ImageNeeds}, the volume in {@link VolumeNeeds}, tunnel
 * and DNS record in {@link TunnelNeeds}, the guest in {@link GuestNeeds}, deletion in {@link AgentCleanupDecider}.
 */
final class AgentDecider {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);

    private AgentDecider() {}

    static Plan<AgentStep, AgentStatus> decide(AgentObservation agent) {
        if (agent.deleting() && (!agent.adopting() || agent.abandoned())) {
            return AgentCleanupDecider.decide(agent);
        }
        if (unknownForAMoment(agent)) {
            return Plan.noUpdate(SOON);
        }
        var report = new AgentPlanBuilder(agent);
        if (agent.adoption().isPresent()
                && agent.refusal().isEmpty()
                && agent.edgeRefusal().isEmpty()) {
            return adopt(agent, agent.adoption().get(), agent.cloud().orElseThrow(), report);
        }
        ImageNeeds.current(agent).ifPresent(it -> report.note(IMAGE_CURRENT, it));
        boolean all = report.require(ADMITTED, admitted(agent))
                && agent.cloud().isPresent()
                && agent.edge().isPresent()
                && chain(agent, agent.cloud().get(), agent.edge().get(), report);
        return report.build(all);
    }

    /** Nothing else is done until all that the predecessor left is taken over. */
    private static Plan<AgentStep, AgentStatus> adopt(
            AgentObservation agent, AdoptionObservation<AgentStep> seen, Cloud cloud, AgentPlanBuilder report) {
        var next = AdoptionNeeds.next(
                seen,
                agent.now(),
                (reason, message, step) -> step instanceof TakeGuest
                        ? GuestNeeds.attemptAtDoor(cloud, reason, message, step)
                        : attempt(cloud, reason, message, step),
                AgentStep.OnAdoption::new);
        next.toRecord()
                .ifPresent(
                        it -> report.adopt(it, hostname(seen), seen.recorded().map(RecordedResource::subject)));
        report.require(ADMITTED, next.need());
        return report.build(false);
    }

    /** It keeps the name by which it is known. */
    private static Optional<String> hostname(AdoptionObservation<AgentStep> seen) {
        return seen.left().stream()
                .flatMap(it -> it.steps() instanceof Seen<List<AgentStep>>(var all, var _) ? all.stream() : Stream.of())
                .flatMap(it -> it instanceof TakeRecord(var kept, var _) ? Stream.of(kept.name()) : Stream.of())
                .findFirst();
    }

    /** A single {@code &} evaluates both sides: needs that do not depend on each other are met side by side. */
    private static boolean chain(AgentObservation agent, Cloud cloud, Edge edge, AgentPlanBuilder report) {
        return staleForLong(agent, cloud, edge)
                        .map(why -> report.require(SERVER_PROVISIONED, why))
                        .orElse(true)
                && report.require(FROZEN, ImageNeeds.frozen(agent, cloud, report))
                && (remembered(agent) || report.require(FROZEN, ImageNeeds.aboutToBeFrozen()))
                && obstacle(agent, cloud)
                        .map(why -> report.require(SERVER_PROVISIONED, why))
                        .orElse(true)
                && (report.require(FIREWALL_IN_SYNC, denyAll(cloud))
                        & report.require(VOLUME_READY, VolumeNeeds.volume(agent, cloud))
                        & report.require(TUNNEL_READY, TunnelNeeds.tunnel(agent, cloud, edge)))
                && (report.require(TUNNEL_READY, TunnelNeeds.configuration(agent, cloud, edge))
                        & report.require(DNS_READY, TunnelNeeds.record(cloud, edge)))
                && report.require(TUNNEL_READY, TunnelNeeds.transferred(agent, cloud, edge))
                && report.require(GUEST_READY, GuestNeeds.settingsOnRecord(agent, report))
                && report.require(SERVER_PROVISIONED, server(agent, cloud, edge))
                && (cloud.server().server().isEmpty() && report.require(POWER_IN_SYNC, noServer())
                        || report.require(FIREWALL_IN_SYNC, attachment(cloud))
                                && report.require(VOLUME_READY, VolumeNeeds.attached(cloud))
                                && report.require(POWER_IN_SYNC, power(agent, cloud))
                                && report.require(SERVER_PROVISIONED, released(agent, cloud)))
                && report.require(GUEST_READY, GuestNeeds.settingsDelivered(agent, cloud, edge))
                && report.require(GUEST_READY, GuestNeeds.reportedHealthy(agent, cloud))
                && report.require(TUNNEL_READY, TunnelNeeds.serving(agent, edge))
                && VolumeNeeds.refused(agent)
                        .map(why -> report.require(VOLUME_READY, why))
                        .orElse(true);
    }

    /** After a start, and when a cloud or the door stammers: nothing is known, nothing is done, nothing is said. */
    private static boolean unknownForAMoment(AgentObservation agent) {
        return agent.refusal().isEmpty()
                && agent.edgeRefusal().isEmpty()
                && (agent.cloud()
                                .map(c -> StaleInventory.isTransient(c.server().servers(), agent.now())
                                        || StaleInventory.isTransient(c.volumes(), agent.now())
                                        || StaleInventory.isTransient(c.denyAll(), agent.now()))
                                .orElse(true)
                        || agent.edge()
                                .map(e -> StaleInventory.isTransient(e.tunnels(), agent.now())
                                        || StaleInventory.isTransient(e.records(), agent.now()))
                                .orElse(true)
                        || StaleInventory.isTransient(agent.guest().guest(), agent.now()));
    }

    private static Optional<Need<AgentStep>> staleForLong(AgentObservation agent, Cloud cloud, Edge edge) {
        return StaleInventory.<AgentStep>prolonged(cloud.server().servers(), agent.now())
                .or(() -> StaleInventory.prolonged(cloud.volumes(), agent.now()))
                .or(() -> StaleInventory.prolonged(edge.tunnels(), agent.now()));
    }

    private static Need<AgentStep> admitted(AgentObservation agent) {
        return agent.refusal()
                .or(agent::edgeRefusal)
                .map(r -> Need.<AgentStep>blocked(
                        r.reason(),
                        r.message(),
                        r.reason().equals(CLONE_SOURCE_UNAVAILABLE) ? SOON : LATER)) // nobody tells of the source
                .orElseGet(() -> Need.met(AS_SPECIFIED, "account, provider, quota and image are in order"));
    }

    /** Which clouds it goes to is on record before anything is made there: without that it could not be found again. */
    private static boolean remembered(AgentObservation agent) {
        return agent.status().providerConfig() != null;
    }

    /** Why no server can be made, when one has to be: then nothing is made at all. */
    private static Optional<Need<AgentStep>> obstacle(AgentObservation agent, Cloud cloud) {
        return cloud.server().servers() instanceof Absent && agent.wantsRunning()
                ? ServerTypeCandidates.unavailable(
                        cloud.candidates(),
                        "ProviderConfig spec.agentBaseImage",
                        agent.frozen().orElseThrow().baseImage())
                : Optional.empty();
    }

    private static Need<AgentStep> denyAll(Cloud cloud) {
        if (cloud.server().running("set_firewall_rules")) {
            return Need.waitFor(RULES_CHANGING, "the cloud is emptying the firewall that lets nothing in", LATER);
        }
        return switch (cloud.denyAll()) {
            case Unknown<Firewall>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<Firewall> _ ->
                attempt(cloud, FIREWALL_CREATING, "making the firewall that lets nothing in", new EnsureDenyAll());
            case Seen<Firewall>(var it, var _)
            when !it.rules().equals(RuleSet.EMPTY) ->
                attempt(cloud, RULES_CHANGING, "emptying the firewall that lets nothing in", new EnsureDenyAll());
            case Seen<Firewall> _ -> Need.met(AS_SPECIFIED, "no port is open");
        };
    }

    // ---- the server

    private static Need<AgentStep> server(AgentObservation agent, Cloud cloud, Edge edge) {
        return switch (cloud.server().servers()) {
            case Unknown<List<Server>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<List<Server>> _ ->
                agent.wantsRunning()
                        ? create(agent, cloud, edge)
                        : Need.met(PAUSED, "there is no server while it is paused");
            case Seen<List<Server>>(var all, var _) when all.size() > 1 -> ServerNeeds.duplicates(all);
            case Seen<List<Server>>(var all, var _)
            when agent.releasesServer() && all.getFirst().status() == Server.Status.DELETING ->
                Need.waitFor(SERVER_RELEASING, "the cloud is deleting the server for the time of the pause", LATER);
            case Seen<List<Server>> _ ->
                ServerNeeds.provisioned(cloud.server(), AgentPlanBuilder.wasTrue(agent, SERVER_PROVISIONED))
                        .map(OnServer::new);
        };
    }

    /** The firewall, the volume and the payload are there before the server is: its first boot finds all of them. */
    private static Need<AgentStep> create(AgentObservation agent, Cloud cloud, Edge edge) {
        Volume volume = VolumeNeeds.theVolume(cloud);
        if (cloud.server().running("attach_volume", "detach_volume")) {
            return Need.waitFor(VOLUME_ATTACHING, "the cloud is detaching the volume", LATER);
        }
        if (cloud.volumeServer().isPresent()) {
            return VolumeNeeds.free(cloud, volume);
        }
        var serverTypeCandidates = cloud.candidates().orElseThrow();
        var best = serverTypeCandidates.best();
        String message = "making a %s in %s".formatted(best.type(), serverTypeCandidates.location());
        if (!agent.guest().depositPending()) {
            return GuestNeeds.attemptAtDoor(
                    cloud,
                    SERVER_CREATING,
                    message,
                    new Deposit(
                            edge.tunnel().orElseThrow().id(),
                            volume.id(),
                            agent.status().settings()));
        }
        return attempt(
                cloud,
                SERVER_CREATING,
                message,
                new CreateServer(
                        best.type(),
                        serverTypeCandidates.location(),
                        best.image().orElseThrow(),
                        theFirewall(cloud).id(),
                        volume.id()));
    }

    private static Need<AgentStep> noServer() {
        return Need.met(PAUSED, "there is no server while it is paused");
    }

    private static Need<AgentStep> attachment(Cloud cloud) {
        return ServerNeeds.firewallAttached(
                        cloud.server(),
                        theFirewall(cloud).id(),
                        theFirewall(cloud).name())
                .map(OnServer::new);
    }

    private static Need<AgentStep> power(AgentObservation agent, Cloud cloud) {
        return ServerNeeds.power(cloud.server(), agent.wantsRunning()).map(OnServer::new);
    }

    /** Only when it is off: what the guest has not written to the volume yet would be lost. */
    private static Need<AgentStep> released(AgentObservation agent, Cloud cloud) {
        long server = cloud.server().server().orElseThrow().id();
        return agent.releasesServer()
                ? attempt(
                        cloud,
                        SERVER_RELEASING,
                        "deleting server %d for the time of the pause".formatted(server),
                        new OnServer(new ServerStep.DeleteServer(server)))
                : Need.met(AS_SPECIFIED, "server %d is there".formatted(server));
    }

    // ---- what all of them share

    private static Firewall theFirewall(Cloud cloud) {
        return ((Seen<Firewall>) cloud.denyAll()).value();
    }

    /** Does it, unless it went wrong lately. */
    static Need<AgentStep> attempt(Cloud cloud, String reason, String message, AgentStep step) {
        return Need.attempt(cloud.server().failure(step.name()), reason, message, error -> remedy(step, error), step);
    }

    /** Nearly all of an Agent is fixed for life: nobody is told to change what cannot be changed. */
    private static String remedy(AgentStep step, CloudException error) {
        return error instanceof CloudException.Invalid
                ? switch (step) {
                    case CreateVolume _, ResizeVolume _ -> "; change spec.dataVolume";
                    default -> "; correct the ProviderConfig, or make a new Agent: this one's spec is fixed for life";
                }
                : ServerNeeds.remedy(error);
    }

    /** Met as far as the chain goes, while the condition is false. */
    static Need<AgentStep> metThoughFalse(String reason, String message) {
        return new Need<>(true, Condition.Status.False, reason, message, List.of(), Optional.empty());
    }
}
