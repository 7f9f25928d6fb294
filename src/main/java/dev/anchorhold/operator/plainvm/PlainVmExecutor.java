package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec.OperatingMode;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import org.jboss.logging.Logger;

/**
 * Carries out steps. What comes back goes straight into the inventory; what goes wrong becomes a setback, and the next
 * decision waits for it. Every step may have been carried out already by a process that died.
 */
final class PlainVmExecutor {
    private static final Logger LOG = Logger.getLogger(PlainVmExecutor.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(4);

    private final KubernetesClient kubernetes;
    private final Events events;
    private final InstantSource clock;
    private final BiPredicate<String, String> sharedFirewallWanted;
    private final Map<String, Instant> shutdownsAsked = new ConcurrentHashMap<>();
    private final Map<String, Instant> looked = new ConcurrentHashMap<>();

    /** @param sharedFirewallWanted whether any living VM of the installation wants the shared firewall of that name */
    PlainVmExecutor(
            KubernetesClient kubernetes,
            Events events,
            InstantSource clock,
            BiPredicate<String, String> sharedFirewallWanted) {
        this.kubernetes = kubernetes;
        this.events = events;
        this.clock = clock;
        this.sharedFirewallWanted = sharedFirewallWanted;
    }

    /** When the guest was last asked to shut down; forgotten when it has, or when that is over and it should run. */
    Optional<Instant> shutdownAsked(PlainVm vm, Sighting<List<Server>> servers) {
        String uid = vm.getMetadata().getUid();
        Instant asked = shutdownsAsked.get(uid);
        boolean off = servers instanceof Sighting.Seen<List<Server>>(var all, var _)
                && all.getFirst().status() == Server.Status.OFF;
        boolean over = asked != null
                && vm.getSpec().operatingMode() == OperatingMode.Running
                && asked.plus(PlainVmDecider.SHUTDOWN_GRACE).isBefore(clock.instant());
        if (off || over) {
            shutdownsAsked.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(asked);
    }

    void forget(String uid) {
        shutdownsAsked.remove(uid);
        looked.remove(uid);
    }

    /** One after another, up to the first that fails. What {@code ConfirmGone} found, if that was among them. */
    Optional<Departure> act(CloudSession session, PlainVmObservation seen, List<PlainVmStep> steps) {
        Optional<Departure> departure = Optional.empty();
        var doing = new Doing(session, seen.vm(), seen.cloud().orElseThrow());
        for (PlainVmStep step : steps) {
            try {
                LOG.debugf("%s %s: %s", doing.uid(), doing.vm.getMetadata().getName(), step);
                departure = doing.carryOut(step).or(() -> Optional.empty());
                session.setbacks().succeeded(doing.uid(), step.name());
            } catch (CloudException e) {
                doing.wentWrong(step, e);
                break;
            }
        }
        return departure;
    }

    /** The steps of one object. */
    private final class Doing extends Work {
        private final FirewallWork firewall;
        private final ServerWork server;

        Doing(CloudSession session, PlainVm vm, Cloud cloud) {
            super(session, vm, cloud, events);
            firewall = new FirewallWork(session, vm, cloud, events, sharedFirewallWanted);
            server = new ServerWork(session, vm, cloud, events, kubernetes);
        }

        Optional<Departure> carryOut(PlainVmStep step) {
            switch (step) {
                case CreateFirewall s -> firewall.createFirewall(s);
                case SetRules s -> firewall.setRules(s);
                case CreateServer s -> firewall.using(s.sharedFirewall(), () -> server.createServer(s));
                case AttachFirewall s ->
                    firewall.using(s.sharedFirewall(), () -> {
                        actions(session.client()
                                .applyToServer(
                                        Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                        return tell(
                                "FirewallAttached",
                                "AttachFirewall",
                                "firewall %d is on the server".formatted(s.firewallId()));
                    });
                case DetachFirewall s -> {
                    actions(session.client()
                            .removeFromServer(
                                    Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                    tell(
                            "FirewallDetached",
                            "DetachFirewall",
                            "took firewall %d off the server".formatted(s.firewallId()));
                }
                case PowerOn s -> {
                    shutdownsAsked.remove(uid());
                    actions(List.of(session.client().powerOn(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                    tell("PoweredOn", "PowerOn", "powering on server %d".formatted(s.serverId()));
                }
                case Shutdown s -> {
                    actions(List.of(
                            session.client().shutdown(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                    shutdownsAsked.put(uid(), clock.instant());
                    tell(
                            "ShutdownAsked",
                            "Shutdown",
                            "asked the guest of server %d to shut down".formatted(s.serverId()));
                }
                case PowerOff s -> {
                    actions(List.of(
                            session.client().powerOff(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                    tell("PoweredOff", "PowerOff", "cut the power of server %d".formatted(s.serverId()));
                }
                case DeleteServer s -> {
                    server.demandOurs(s.serverId());
                    session.inventory()
                            .recordServerDeleted(
                                    uid(),
                                    s.serverId(),
                                    session.client()
                                            .deleteServer(Urgency.DELETION_OR_PERSON, Purpose.DELETE, s.serverId()));
                    tell("ServerDeleted", "DeleteServer", "deleting server %d".formatted(s.serverId()));
                }
                case DeleteFirewall s -> firewall.deleteFirewall(s);
                case DisownServer s -> server.disownServer(s.serverId());
                case DisownFirewall s -> firewall.disownFirewall(s.firewallId());
                case LookAgain s -> lookAgain(s.serverId());
                case ConfirmGone _ -> {
                    return Optional.of(server.confirmGone());
                }
            }
            return Optional.empty();
        }

        private void lookAgain(long id) {
            Instant now = clock.instant();
            Instant last = looked.get(uid());
            if (last == null || last.plus(BETWEEN_LOOKS).isBefore(now)) {
                looked.put(uid(), now);
                session.inventory().lookAgain(uid());
            }
        }

        void wentWrong(PlainVmStep step, CloudException e) {
            LOG.infof(
                    "%s/%s %s: %s (%s) %s",
                    vm.getMetadata().getNamespace(),
                    vm.getMetadata().getName(),
                    step.name(),
                    e.code(),
                    e.correlationId(),
                    e.getMessage());
            session.heed(e);
            if (step instanceof CreateServer s && (e instanceof CloudException.Capacity || soldElsewhere(e))) {
                session.inventory().doubtCatalogue();
                session.setbacks().failed(s.type() + "@" + s.location(), "capacity", 0, e);
                warn(
                        Reasons.CAPACITY_EXHAUSTED,
                        "CreateServer",
                        "no %s in %s now: %s".formatted(s.type(), s.location(), e.getMessage()));
                return; // the next candidate may be had at once
            }
            if (step instanceof CreateServer s
                    && (e instanceof CloudException.Invalid || e instanceof CloudException.NotFound)) {
                session.sealedKey().doubt(); // it, or the firewall, may have been removed
                session.inventory().lookAtFirewall(s.firewallId());
            }
            if (step instanceof AttachFirewall s && e instanceof CloudException.NotFound) {
                session.inventory().lookAtFirewall(s.firewallId());
            }
            if (step instanceof DeleteFirewall s && !s.shared().isEmpty()) {
                session.inventory().lookAtFirewall(s.firewallId());
                session.setbacks().failed(s.shared(), PlainVmObserver.DELETE_FIREWALL, 0, e);
                return; // it stands in nobody's way
            }
            if (e instanceof CloudException.UnknownOutcome) {
                session.inventory().recordLostAnswer(uid());
            }
            if (e instanceof CloudException.InUse && step instanceof DeleteFirewall f) {
                session.inventory().lookAtFirewall(f.firewallId());
            }
            if (e instanceof CloudException.NotFound) {
                session.inventory().lookAgain(uid());
            }
            long generation = vm.getMetadata().getGeneration();
            boolean first = session.setbacks().last(uid(), step.name()).isEmpty();
            session.setbacks().failed(uid(), step.name(), generation, e);
            if (first
                    && (e instanceof CloudException.Quota
                            || e instanceof CloudException.NameTaken
                            || e instanceof CloudException.Invalid)) {
                warn(
                        new dev.anchorhold.operator.Setbacks.Setback(e, generation, clock.instant(), 1).reason(),
                        step.name(),
                        e.getMessage());
            }
        }

        /** A type that this location does not sell is as good as sold out: the next candidate is taken (F11). */
        private static boolean soldElsewhere(CloudException e) {
            return e instanceof CloudException.Invalid
                    && e.getMessage().contains("unsupported location for server type");
        }
    }
}
