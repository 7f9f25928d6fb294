package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.operator.adoption.AdoptionExecutor;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.adoption.Predecessors;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.DeletionPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.opentelemetry.context.Context;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * Executes an Agent's steps, at both clouds and at the door. Answers are recorded in the inventories at once; errors
 * are recorded as failures, whose back-off the next decision waits for. Every step may have been carried out already by
 * a process that died.
 */
final class AgentExecutor {
    private static final Logger LOG = Logger.getLogger(AgentExecutor.class);

    private final Fleet fleet;
    private final EventRecorder eventRecorder;
    private final InstantSource clock;
    private final GuestDoor door;
    private final ShutdownTracker shutdowns;
    private final AgentCache cache;
    private final JournalSink journalSink;
    private final Predecessors predecessors;
    private final FrozenSecret secrets;

    AgentExecutor(
            KubernetesClient kubernetes,
            Fleet fleet,
            EventRecorder eventRecorder,
            InstantSource clock,
            GuestDoor door,
            ShutdownTracker shutdowns,
            AgentCache cache,
            PullSecrets pullSecrets,
            JournalSink journalSink,
            Predecessors predecessors) {
        this.fleet = fleet;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
        this.door = door;
        this.shutdowns = shutdowns;
        this.cache = cache;
        this.journalSink = journalSink;
        this.predecessors = predecessors;
        this.secrets = new FrozenSecret(kubernetes, pullSecrets);
    }

    /** What {@code ConfirmGone} found, if that was among them. */
    Optional<DeletionCheck> act(
            HetznerSession session, Optional<CloudflareSession> edge, AgentObservation seen, List<AgentStep> steps) {
        var execution = new Execution(session, edge, seen);
        if (steps.contains(new ConfirmGone())) {
            return steps.stream().takeWhile(execution::execute).count() == steps.size()
                    ? execution.deletionCheck
                    : Optional.empty();
        }
        executeConcurrently(execution, steps);
        return Optional.empty();
    }

    /** The decider puts into one plan only what needs nothing of each other. */
    private static void executeConcurrently(Execution execution, List<AgentStep> steps) {
        if (steps.size() == 1) {
            execution.execute(steps.getFirst());
            return;
        }
        try (var threads = Context.taskWrapping(Executors.newVirtualThreadPerTaskExecutor())) {
            // Not submit, which would keep an Error to itself. The trace goes along; what the log says of the object
            // does by itself.
            steps.forEach(step -> threads.execute(() -> execution.execute(step)));
        }
    }

    /** The steps of one Agent. */
    private final class Execution extends EdgeStepExecutor {
        private final AgentObservation seen;
        private final AgentServerExecutor server;
        private final VolumeExecutor volume;
        private final TunnelExecutor tunnel;
        private final DnsRecordExecutor dns;
        private final GuestDoorExecutor guest;
        private final AdoptionExecutor adoption;
        private volatile Optional<DeletionCheck> deletionCheck = Optional.empty();

        Execution(HetznerSession session, Optional<CloudflareSession> edge, AgentObservation seen) {
            super(session, edge, seen.agent(), eventRecorder);
            this.seen = seen;
            server = new AgentServerExecutor(session, agent, eventRecorder, shutdowns, cache);
            volume = new VolumeExecutor(session, agent, eventRecorder);
            tunnel = new TunnelExecutor(session, edge, agent, eventRecorder, cache);
            dns = new DnsRecordExecutor(session, edge, agent, eventRecorder);
            guest = new GuestDoorExecutor(session, edge, agent, eventRecorder, door, tunnel, secrets, cache, clock);
            adoption = new AdoptionExecutor(
                    session,
                    agent,
                    AgentObserver.identity(agent, session),
                    eventRecorder,
                    journalSink,
                    predecessors,
                    seen.status().adoption());
        }

        boolean execute(AgentStep step) {
            try {
                LOG.debugf("%s %s: %s", uid(), agent.getMetadata().getName(), step.name());
                dispatch(step);
                executorOf(step).recordSuccess(step.name());
                return true;
            } catch (CloudException e) {
                recordFailure(step, e);
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s %s: %s", uid(), agent.getMetadata().getName(), step.name());
                recordFailure(
                        step,
                        new CloudException.Transient(
                                new CloudException.Detail(
                                        "internal", e.getClass().getSimpleName(), ""),
                                null));
            }
            return false;
        }

        private void dispatch(AgentStep step) {
            switch (step) {
                case CheckInputs _ -> prepare();
                case Freeze _ -> freeze();
                case EnsureDenyAll _ -> session.denyAllFirewall().ensure();
                case CreateVolume s -> volume.create(s);
                case ResizeVolume s -> volume.resize(s);
                case AttachVolume s -> volume.attach(s);
                case DetachVolume s -> volume.detach(s.volumeId());
                case DeleteVolume s -> volume.delete(s.volumeId());
                case DisownVolume s -> volume.disown(s.volumeId());
                case CreateTunnel _ -> tunnel.create();
                case Configure s -> tunnel.configure(s);
                case RotateTunnel s -> tunnel.rotate(s);
                case DeleteTunnel s -> tunnel.delete(s.tunnelId());
                case DisownTunnel s -> tunnel.disown(s);
                case CreateRecord s -> dns.create(s.wanted());
                case UpdateRecord s -> dns.update(s);
                case DeleteRecord s -> dns.delete(s.recordId());
                case DisownRecord s -> dns.disown(s.kept());
                case Deposit s -> guest.deposit(s, seen.edge().orElseThrow().hostname());
                case CreateServer s -> {
                    server.create(s, guest.door().guestUrl());
                    edge().inventory().expectConnector(uid());
                }
                case ReplaceServer s -> {
                    if (cache.claimReplacement(s.forSilence())) {
                        server.execute(new ServerStep.DeleteServer(s.serverId()));
                    }
                }
                case TellSettings s -> guest.tellSettings(s);
                case RevokeGuest _ -> guest.revoke();
                case OnServer(ServerStep s) -> {
                    server.execute(s);
                    if (s instanceof ServerStep.PowerOn) {
                        edge().inventory().expectConnector(uid());
                    }
                }
                case TakeTunnel s -> tunnel.take(s);
                case TakeRecord s -> dns.take(s);
                case TakeGuest(String from) -> predecessors.putGuestKept(from, guest.takeOver(from));
                case OnAdoption(AdoptionStep s) -> adoption.execute(s);
                case ConfirmGone _ -> deletionCheck = Optional.of(confirmGone());
            }
        }

        /**
         * Reads what is frozen; or makes what is prepared, once its digest is on record; or prepares it anew. Died in between: the Secret is
         * found by the digest on record, or nothing came of it.
         */
        private void freeze() {
            var onRecord = cache.prepared(agent)
                    .filter(it -> it.digest().equals(seen.status().frozenDigest()));
            if (isFrozen()) {
                cache.putFrozen(uid(), secrets.read(agent));
            } else if (onRecord.isPresent()) {
                cache.putFrozen(uid(), secrets.create(agent, onRecord.get()));
            } else {
                prepare();
            }
        }

        /** What is there already must be what an operator had on record as it died. */
        private void prepare() {
            secrets.find(agent)
                    .ifPresentOrElse(
                            it -> cache.putFrozen(uid(), it),
                            () -> cache.putPrepared(uid(), secrets.prepare(agent, provisioningInputs())));
        }

        private boolean isFrozen() {
            return agent.getStatus() != null && agent.getStatus().frozenSecret() != null;
        }

        private ProvisioningInputs provisioningInputs() {
            String provider = seen.cloud().orElseThrow().provider();
            var resolution =
                    ProvisioningInputs.resolve(agent, fleet.provider(provider).orElseThrow(), fleet);
            return resolution.inputs().orElseThrow(() -> {
                var refusal = resolution.refusal().orElseThrow();
                return new CloudException.Unresolved(
                        new CloudException.Detail(refusal.reason(), refusal.message(), ""));
            });
        }

        private DeletionCheck confirmGone() {
            DeletionCheck found = server.confirmGone();
            return found instanceof DeletionCheck.Gone && seen.edge().isPresent()
                    ? conclusive(confirmEdgeGone())
                    : found;
        }

        private DeletionCheck confirmEdgeGone() {
            var status = Optional.ofNullable(agent.getStatus()).orElse(AgentStatus.NONE);
            boolean orphan = agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
            DeletionCheck tunnels = edge().inventory().confirmTunnelsGone(uid(), known(orphan, status.tunnelId()));
            return tunnels instanceof DeletionCheck.Gone
                    ? edge().inventory().confirmRecordsGone(uid(), known(orphan, status.dnsRecordId()))
                    : tunnels;
        }

        private static Set<String> known(boolean orphan, String id) {
            return orphan || id == null ? Set.of() : Set.of(id);
        }

        private void recordFailure(AgentStep step, CloudException e) {
            switch (step) {
                case CreateServer s
                when server.capacityExhausted(s, e) -> {
                    return; // the next candidate may be had at once
                }
                case Freeze _
                when e instanceof CloudException.Unresolved && !isFrozen() -> {
                    cache.forgetPrepared(
                            uid()); // what was there a moment ago is not: nothing is frozen, and all may be mended
                    guest.recordFailure(new CheckInputs().name(), e);
                    return;
                }
                default -> {}
            }
            executorOf(step).recordFailure(step.name(), e);
        }

        /** What one cloud refuses says nothing of the other. */
        private StepExecutor executorOf(AgentStep step) {
            return switch (step) {
                case CreateTunnel _, Configure _, RotateTunnel _, DeleteTunnel _, DisownTunnel _, TakeTunnel _ ->
                    tunnel;
                case CreateRecord _, UpdateRecord _, DeleteRecord _, DisownRecord _, TakeRecord _ -> dns;
                case Deposit _, TellSettings _, RevokeGuest _, TakeGuest _, Freeze _, CheckInputs _ -> guest;
                case OnAdoption(AdoptionStep.AskBooks _), OnAdoption(AdoptionStep.EndPredecessor _) -> guest;
                default -> server;
            };
        }
    }
}
