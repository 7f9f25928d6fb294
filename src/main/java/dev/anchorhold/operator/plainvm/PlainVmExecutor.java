package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Work;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ServerStep.AttachFirewall;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Carries out steps. What comes back goes straight into the inventory; what goes wrong becomes a setback, and the next
 * decision waits for it. Every step may have been carried out already by a process that died.
 */
final class PlainVmExecutor {
    private static final Logger LOG = Logger.getLogger(PlainVmExecutor.class);
    private final KubernetesClient kubernetes;
    private final Events events;
    private final PowerNotes notes;
    private final Predicate<String> sharedFirewallWanted;

    /** @param sharedFirewallWanted whether any living VM wants the shared firewall of that name */
    PlainVmExecutor(
            KubernetesClient kubernetes, Events events, PowerNotes notes, Predicate<String> sharedFirewallWanted) {
        this.kubernetes = kubernetes;
        this.events = events;
        this.notes = notes;
        this.sharedFirewallWanted = sharedFirewallWanted;
    }

    /** One after another, up to the first that fails. What {@code ConfirmGone} found, if that was among them. */
    Optional<Departure> act(CloudSession session, PlainVmObservation seen, List<PlainVmStep> steps) {
        Optional<Departure> departure = Optional.empty();
        var doing = new Doing(session, seen.vm(), seen.cloud().orElseThrow());
        for (PlainVmStep step : steps) {
            try {
                LOG.debugf("%s: %s", doing.who(), step);
                departure = doing.carryOut(step).or(() -> Optional.empty());
                session.setbacks().succeeded(seen.vm().getMetadata().getUid(), step.name());
            } catch (CloudException e) {
                doing.wentWrong(step, e);
                break;
            }
        }
        return departure;
    }

    /** The steps of one object. */
    private final class Doing extends Work {
        private final PlainVmFirewallWork firewall;
        private final PlainVmServerWork server;

        Doing(CloudSession session, PlainVm vm, Cloud cloud) {
            super(session, vm, cloud.identity(), events);
            firewall = new PlainVmFirewallWork(session, vm, cloud, events, sharedFirewallWanted);
            server = new PlainVmServerWork(session, vm, cloud, events, notes, kubernetes);
        }

        Optional<Departure> carryOut(PlainVmStep step) {
            switch (step) {
                case CreateFirewall s -> firewall.createFirewall(s.firewall(), s.labels(), s.rules(), s.shared());
                case SetRules s -> firewall.setRules(s.firewallId(), s.rules(), s.sharedFirewall());
                case CreateServer s -> firewall.using(s.sharedFirewall(), () -> server.createServer(s));
                case OnServer(AttachFirewall s) -> firewall.using(s.sharedFirewall(), () -> server.carryOut(s));
                case OnServer(ServerStep s) -> server.carryOut(s);
                case DeleteFirewall s -> firewall.deleteFirewall(s);
                case DisownFirewall s -> firewall.disownFirewall(s.firewallId());
                case ConfirmGone _ -> {
                    return Optional.of(server.gone());
                }
            }
            return Optional.empty();
        }

        void wentWrong(PlainVmStep step, CloudException e) {
            switch (step) {
                case CreateServer s -> {
                    if (server.soldOut(s, e)) {
                        return;
                    }
                }
                case OnServer(AttachFirewall s)
                when e instanceof CloudException.NotFound -> session.inventory().lookAtFirewall(s.firewallId());
                case DeleteFirewall s
                when !s.shared().isEmpty() -> {
                    logSetback(step.name(), e);
                    session.inventory().lookAtFirewall(s.firewallId());
                    session.setbacks().failed(s.shared(), PlainVmObserver.DELETE_FIREWALL, 0, e);
                    return; // it stands in nobody's way
                }
                case DeleteFirewall s
                when e instanceof CloudException.InUse -> session.inventory().lookAtFirewall(s.firewallId());
                default -> {}
            }
            wentWrong(step.name(), e);
        }

        String who() {
            return uid() + " " + object.getMetadata().getName();
        }
    }
}
