package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentDecider.attempt;
import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.FinalJournalEntry;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.DeletionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides the steps by which a deleted Agent is cleaned up, in order: server, tunnel, DNS record, volume, guest's
 * rights at the door, a last check of both clouds, its final journal entry delivered, finalizer removed; the frozen
 * Secret goes with the object. Needs nothing but the credentials (F13); absent is as good as deleted (F21); gone means
 * seen gone (F14, F15).
 */
final class AgentCleanupDecider {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration LATER = Duration.ofSeconds(30);

    private AgentCleanupDecider() {}

    static Plan<AgentStep, AgentStatus> decide(AgentObservation agent) {
        var report = new AgentPlanBuilder(agent);
        if (agent.held()) {
            report.require(READY, Need.heldDeletion());
            return report.build(false);
        }
        if (report.hasNews()) {
            report.require(
                    READY, Need.waitFor(DELETING, "the books are told first what was seen of it", Duration.ZERO));
            return report.build(false);
        }
        boolean neverHadAnything = agent.status().providerConfig() == null;
        if (new StatusJournal(agent.status().journal()).destroyed()
                || agent.abandoned()
                || neverHadAnything && agent.cloud().isEmpty()
                || agent.deletionCheck()
                        .filter(DeletionCheck.Gone.class::isInstance)
                        .isPresent()) {
            return awaitJournalDelivery(agent);
        }
        report.require(
                READY,
                agent.cloud().map(cloud -> next(agent, cloud)).orElseGet(() -> cloudUnavailable(agent.refusal())));
        return report.build(false);
    }

    /** Once its end is in the status no cloud is read again: only the delivery of the journal is awaited. */
    private static Plan<AgentStep, AgentStatus> awaitJournalDelivery(AgentObservation agent) {
        Optional<Need<AgentStep>> delivery = FinalJournalEntry.awaitDelivery(
                agent.agent(), new StatusJournal(agent.status().journal()), agent.deliveryStatus());
        if (delivery.isEmpty()) {
            return Plan.releaseFinalizer();
        }
        var report = new AgentPlanBuilder(agent);
        report.require(READY, delivery.get());
        report.markDestroyed();
        return report.build(false);
    }

    private static boolean lacksCredentials(AdmissionRefusal refusal) {
        return List.of(CREDENTIALS_MISSING, CREDENTIALS_INVALID, PROJECT_DIFFERS)
                .contains(refusal.reason());
    }

    private static Need<AgentStep> cloudUnavailable(Optional<AdmissionRefusal> why) {
        return why.map(r -> Need.<AgentStep>blocked(r.reason(), "cannot delete: " + r.message(), LATER))
                .orElseGet(() -> Need.unknown(INVENTORY_STALE, "the cloud has not been read yet", SOON));
    }

    private static Need<AgentStep> next(AgentObservation agent, Cloud cloud) {
        if (agent.deletionCheck().orElse(null) instanceof DeletionCheck.StillThere(var what)) {
            return Need.waitFor(DELETING, "still there: " + what, SOON);
        }
        if (agent.refusal().filter(AgentCleanupDecider::lacksCredentials).isPresent()) {
            return cloudUnavailable(agent.refusal());
        }
        boolean keep = agent.spec().deletionPolicy() == DeletionPolicy.Orphan;
        return server(cloud, keep)
                .or(() -> agent.edge().isPresent() || neverHadAnEdge(agent)
                        ? Optional.empty()
                        : Optional.of(cloudUnavailable(agent.edgeRefusal())))
                .or(() -> agent.edge().flatMap(e -> tunnel(cloud, e, keep)))
                .or(() -> agent.edge().flatMap(e -> record(cloud, e, keep)))
                .or(() -> volume(cloud, keep))
                .orElseGet(() -> end(agent, cloud));
    }

    /** Where the ProviderConfig has no Cloudflare it never had one: that cannot be taken away again. */
    private static boolean neverHadAnEdge(AgentObservation agent) {
        return agent.edgeRefusal()
                .filter(r -> r.reason().equals(CLOUDFLARE_NOT_CONFIGURED))
                .isPresent();
    }

    /** In any state, locked or not: nothing is waited for (F16). */
    private static Optional<Need<AgentStep>> server(Cloud cloud, boolean keep) {
        return switch (cloud.server().servers()) {
            case Unknown<List<Server>>(var reason, var _) -> unknown(reason);
            case Absent<List<Server>> _ -> Optional.empty();
            case Seen<List<Server>>(var all, var _)
            when keep ->
                each(cloud, all, "letting go of the server", s -> new OnServer(new ServerStep.DisownServer(s.id())));
            case Seen<List<Server>>(var all, var _)
            when cloud.server().running("delete_server")
                    || all.stream().allMatch(s -> s.status() == Server.Status.DELETING) ->
                Optional.of(Need.waitFor(DELETING, "the cloud is deleting the server", LATER));
            case Seen<List<Server>>(var all, var _) ->
                each(cloud, all, "deleting the server", s -> new OnServer(new ServerStep.DeleteServer(s.id())));
        };
    }

    private static Optional<Need<AgentStep>> tunnel(Cloud cloud, Edge edge, boolean keep) {
        return switch (edge.tunnels()) {
            case Unknown<List<Tunnel>>(var reason, var _) -> unknown(reason);
            case Absent<List<Tunnel>> _ -> Optional.empty();
            case Seen<List<Tunnel>>(var all, var _)
            when keep -> each(cloud, all, "letting go of the tunnel", t -> new DisownTunnel(t.id()));
            case Seen<List<Tunnel>>(var all, var _) ->
                each(cloud, all, "deleting the tunnel", t -> new DeleteTunnel(t.id()));
        };
    }

    private static Optional<Need<AgentStep>> record(Cloud cloud, Edge edge, boolean keep) {
        return switch (edge.records()) {
            case Unknown<List<DnsRecord>>(var reason, var _) -> unknown(reason);
            case Absent<List<DnsRecord>> _ -> Optional.empty();
            case Seen<List<DnsRecord>>(var all, var _)
            when keep -> each(cloud, all, "letting go of the record", r -> new DisownRecord(r));
            case Seen<List<DnsRecord>>(var all, var _) ->
                each(cloud, all, "deleting the record", r -> new DeleteRecord(r.id()));
        };
    }

    private static Optional<Need<AgentStep>> volume(Cloud cloud, boolean keep) {
        return switch (cloud.volumes()) {
            case Unknown<List<Volume>>(var reason, var _) -> unknown(reason);
            case Absent<List<Volume>> _ -> Optional.empty();
            case Seen<List<Volume>> _
            when !keep && cloud.server().running("detach_volume") ->
                Optional.of(Need.waitFor(DELETING, "the cloud is detaching the volume", SOON));
            case Seen<List<Volume>>(var all, var _) ->
                each(
                        cloud,
                        all,
                        keep ? "letting go of the volume" : "deleting the volume",
                        v -> keep ? new DisownVolume(v.id()) : new DeleteVolume(v.id()));
        };
    }

    /** Revoked before the last check, so that a process that dies in between revokes again. */
    private static Need<AgentStep> end(AgentObservation agent, Cloud cloud) {
        String message = "making sure that nothing is left";
        if (!mayHaveGuest(agent.status())) {
            return attempt(cloud, DELETING, message, new ConfirmGone());
        }
        Need<AgentStep> revoke =
                GuestNeeds.attemptAtDoor(cloud, DELETING, "taking the guest's rights", new RevokeGuest());
        Need<AgentStep> confirm = attempt(cloud, DELETING, message, new ConfirmGone());
        if (revoke.steps().isEmpty()) {
            return revoke;
        }
        return confirm.steps().isEmpty() ? confirm : Need.act(DELETING, message, new RevokeGuest(), new ConfirmGone());
    }

    /** Something was deposited for it; or it took over a guest, perhaps, and was never frozen. */
    static boolean mayHaveGuest(AgentStatus status) {
        return status.settings() != null || status.adoption() != null;
    }

    private static Optional<Need<AgentStep>> unknown(String reason) {
        return Optional.of(Need.unknown(INVENTORY_STALE, reason, SOON));
    }

    private static <T> Optional<Need<AgentStep>> each(
            Cloud cloud, List<T> all, String message, Function<T, AgentStep> step) {
        List<AgentStep> steps = all.stream().map(step).toList();
        for (AgentStep it : steps) {
            var need = attempt(cloud, DELETING, message, it);
            if (need.steps().isEmpty()) {
                return Optional.of(need);
            }
        }
        return Optional.of(Need.act(DELETING, message, steps.toArray(AgentStep[]::new)));
    }
}
