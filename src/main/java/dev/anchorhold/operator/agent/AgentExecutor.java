package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.DeletionPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
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
    private final FrozenSecret secrets;

    AgentExecutor(
            KubernetesClient kubernetes,
            Fleet fleet,
            EventRecorder eventRecorder,
            InstantSource clock,
            GuestDoor door,
            ShutdownTracker shutdowns,
            AgentCache cache) {
        this.fleet = fleet;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
        this.door = door;
        this.shutdowns = shutdowns;
        this.cache = cache;
        this.secrets = new FrozenSecret(kubernetes);
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
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            steps.forEach(step -> threads.submit(() -> execution.execute(step)));
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
        private volatile Optional<DeletionCheck> deletionCheck = Optional.empty();

        Execution(HetznerSession session, Optional<CloudflareSession> edge, AgentObservation seen) {
            super(session, edge, seen.agent(), eventRecorder);
            this.seen = seen;
            server = new AgentServerExecutor(session, agent, eventRecorder, shutdowns, cache);
            volume = new VolumeExecutor(session, agent, eventRecorder);
            tunnel = new TunnelExecutor(session, edge, agent, eventRecorder, cache);
            dns = new DnsRecordExecutor(session, edge, agent, eventRecorder);
            guest = new GuestDoorExecutor(session, edge, agent, eventRecorder, door, tunnel, secrets, cache, clock);
        }

        boolean execute(AgentStep step) {
            try {
                LOG.debugf("%s %s: %s", uid(), agent.getMetadata().getName(), step.name());
                dispatch(step);
                session.backoff().recordSuccess(uid(), step.name());
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
                case TellSettings s -> guest.tellSettings(s);
                case RevokeGuest _ -> guest.revoke();
                case OnServer(ServerStep s) -> {
                    server.execute(s);
                    if (s instanceof ServerStep.PowerOn) {
                        edge().inventory().expectConnector(uid());
                    }
                }
                case ConfirmGone _ -> deletionCheck = Optional.of(confirmGone());
            }
        }

        /** After a crash it may be there already, of another image: then that one holds. */
        private void freeze() {
            boolean before = agent.getStatus() != null && agent.getStatus().frozenSecret() != null;
            var contents = before ? secrets.read(agent) : secrets.create(agent, provisioningInputs());
            cache.putFrozen(uid(), contents.frozen());
        }

        private ProvisioningInputs provisioningInputs() {
            String provider = seen.cloud().orElseThrow().provider();
            var resolution =
                    ProvisioningInputs.resolve(agent, fleet.provider(provider).orElseThrow(), fleet);
            return resolution
                    .inputs()
                    .orElseThrow(() -> new CloudException.Transient(
                            new CloudException.Detail(
                                    "no_inputs",
                                    resolution.refusal().orElseThrow().message(),
                                    ""),
                            null));
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
                default -> {}
            }
            executorOf(step).recordFailure(step.name(), e);
        }

        /** What one cloud refuses says nothing of the other. */
        private StepExecutor executorOf(AgentStep step) {
            return switch (step) {
                case CreateTunnel _, Configure _, RotateTunnel _, DeleteTunnel _, DisownTunnel _ -> tunnel;
                case CreateRecord _, UpdateRecord _, DeleteRecord _, DisownRecord _ -> dns;
                case Deposit _, TellSettings _, RevokeGuest _, Freeze _ -> guest;
                default -> server;
            };
        }
    }
}
