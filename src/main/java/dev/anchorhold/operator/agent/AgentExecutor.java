package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.CloudflareSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Work;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerStep;
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
 * Carries out steps, at both clouds and at the door. What comes back goes straight into the inventories; what goes wrong
 * becomes a setback, and the next decision waits for it. Every step may have been carried out already by a process that
 * died.
 */
final class AgentExecutor {
    private static final Logger LOG = Logger.getLogger(AgentExecutor.class);

    private final Fleet fleet;
    private final Events events;
    private final InstantSource clock;
    private final GuestDoor door;
    private final PowerNotes power;
    private final AgentNotes notes;
    private final FrozenSecret secrets;

    AgentExecutor(
            KubernetesClient kubernetes,
            Fleet fleet,
            Events events,
            InstantSource clock,
            GuestDoor door,
            PowerNotes power,
            AgentNotes notes) {
        this.fleet = fleet;
        this.events = events;
        this.clock = clock;
        this.door = door;
        this.power = power;
        this.notes = notes;
        this.secrets = new FrozenSecret(kubernetes);
    }

    /** What {@code ConfirmGone} found, if that was among them. */
    Optional<Departure> act(
            CloudSession session, Optional<CloudflareSession> edge, AgentObservation seen, List<AgentStep> steps) {
        var doing = new Doing(session, edge, seen);
        if (steps.contains(new ConfirmGone())) {
            return steps.stream().takeWhile(doing::goesWell).count() == steps.size()
                    ? doing.departure
                    : Optional.empty();
        }
        sideBySide(doing, steps);
        return Optional.empty();
    }

    /** The decider puts into one plan only what needs nothing of each other. */
    private static void sideBySide(Doing doing, List<AgentStep> steps) {
        if (steps.size() == 1) {
            doing.goesWell(steps.getFirst());
            return;
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            steps.forEach(step -> threads.submit(() -> doing.goesWell(step)));
        }
    }

    /** The steps of one Agent. */
    private final class Doing extends AgentWork {
        private final AgentObservation seen;
        private final AgentServerWork server;
        private final VolumeWork volume;
        private final TunnelWork tunnel;
        private final DnsWork dns;
        private final DoorWork guest;
        private volatile Optional<Departure> departure = Optional.empty();

        Doing(CloudSession session, Optional<CloudflareSession> edge, AgentObservation seen) {
            super(session, edge, seen.agent(), events);
            this.seen = seen;
            server = new AgentServerWork(session, agent, events, power, notes);
            volume = new VolumeWork(session, agent, events);
            tunnel = new TunnelWork(session, edge, agent, events, notes);
            dns = new DnsWork(session, edge, agent, events);
            guest = new DoorWork(session, edge, agent, events, door, tunnel, secrets, notes, clock);
        }

        boolean goesWell(AgentStep step) {
            try {
                LOG.debugf("%s %s: %s", uid(), agent.getMetadata().getName(), step.name());
                carryOut(step);
                session.setbacks().succeeded(uid(), step.name());
                return true;
            } catch (CloudException e) {
                wentWrong(step, e);
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s %s: %s", uid(), agent.getMetadata().getName(), step.name());
                wentWrong(
                        step,
                        new CloudException.Transient(
                                new CloudException.Detail(
                                        "internal", e.getClass().getSimpleName(), ""),
                                null));
            }
            return false;
        }

        private void carryOut(AgentStep step) {
            switch (step) {
                case Freeze _ -> freeze();
                case EnsureDenyAll _ -> session.denyAll().ensure();
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
                    server.create(s, guest.door().forGuests());
                    edge().inventory().expectConnector(uid());
                }
                case TellSettings s -> guest.tellSettings(s);
                case RevokeGuest _ -> guest.revoke();
                case OnServer(ServerStep s) -> {
                    server.carryOut(s);
                    if (s instanceof ServerStep.PowerOn) {
                        edge().inventory().expectConnector(uid());
                    }
                }
                case ConfirmGone _ -> departure = Optional.of(confirmGone());
            }
        }

        /** After a crash it may be there already, of another image: then that one holds. */
        private void freeze() {
            boolean before = agent.getStatus() != null && agent.getStatus().frozenSecret() != null;
            var contents = before ? secrets.read(agent) : secrets.make(agent, recipe());
            notes.froze(uid(), contents.frozen());
        }

        private Recipe recipe() {
            String provider = seen.cloud().orElseThrow().provider();
            var kitchen = Recipe.of(agent, fleet.provider(provider).orElseThrow(), fleet);
            return kitchen.recipe()
                    .orElseThrow(() -> new CloudException.Transient(
                            new CloudException.Detail(
                                    "no_recipe", kitchen.refusal().orElseThrow().message(), ""),
                            null));
        }

        private Departure confirmGone() {
            Departure found = server.gone();
            return found instanceof Departure.Gone && seen.edge().isPresent() ? conclusive(edgeGone()) : found;
        }

        private Departure edgeGone() {
            var status = Optional.ofNullable(agent.getStatus()).orElse(AgentStatus.NONE);
            boolean orphan = agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
            Departure tunnels = edge().inventory().tunnelsGone(uid(), known(orphan, status.tunnelId()));
            return tunnels instanceof Departure.Gone
                    ? edge().inventory().recordsGone(uid(), known(orphan, status.dnsRecordId()))
                    : tunnels;
        }

        private static Set<String> known(boolean orphan, String id) {
            return orphan || id == null ? Set.of() : Set.of(id);
        }

        private void wentWrong(AgentStep step, CloudException e) {
            switch (step) {
                case CreateServer s
                when server.soldOut(s, e) -> {
                    return; // the next candidate may be had at once
                }
                default -> {}
            }
            whose(step).wentWrong(step.name(), e);
        }

        /** What one cloud refuses says nothing of the other. */
        private Work whose(AgentStep step) {
            return switch (step) {
                case CreateTunnel _, Configure _, RotateTunnel _, DeleteTunnel _, DisownTunnel _ -> tunnel;
                case CreateRecord _, UpdateRecord _, DeleteRecord _, DisownRecord _ -> dns;
                case Deposit _, TellSettings _, RevokeGuest _, Freeze _ -> guest;
                default -> server;
            };
        }
    }
}
