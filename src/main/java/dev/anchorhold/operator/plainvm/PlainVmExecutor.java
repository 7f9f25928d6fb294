package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.operator.adoption.AdoptionExecutor;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.adoption.Predecessors;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ServerStep.AttachFirewall;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Executes a PlainVm's steps. Answers are recorded in the inventory at once; errors are recorded as failures, whose
 * back-off the next decision waits for. Every step may have been carried out already by a process that died.
 */
final class PlainVmExecutor {
    private static final Logger LOG = Logger.getLogger(PlainVmExecutor.class);
    private final KubernetesClient kubernetes;
    private final EventRecorder eventRecorder;
    private final ShutdownTracker shutdowns;
    private final Predicate<String> sharedFirewallWanted;
    private final JournalSink journalSink;
    private final Predecessors predecessors;

    /** @param sharedFirewallWanted whether any living VM wants the shared firewall of that name */
    PlainVmExecutor(
            KubernetesClient kubernetes,
            EventRecorder eventRecorder,
            ShutdownTracker shutdowns,
            Predicate<String> sharedFirewallWanted,
            JournalSink journalSink,
            Predecessors predecessors) {
        this.kubernetes = kubernetes;
        this.eventRecorder = eventRecorder;
        this.shutdowns = shutdowns;
        this.sharedFirewallWanted = sharedFirewallWanted;
        this.journalSink = journalSink;
        this.predecessors = predecessors;
    }

    /** One after another, up to the first that fails. What {@code ConfirmGone} found, if that was among them. */
    Optional<DeletionCheck> act(HetznerSession session, PlainVmObservation seen, List<PlainVmStep> steps) {
        Optional<DeletionCheck> deletionCheck = Optional.empty();
        var execution = new Execution(session, seen.vm(), seen.cloud().orElseThrow());
        for (PlainVmStep step : steps) {
            try {
                LOG.debugf("%s: %s", execution.logPrefix(), step);
                deletionCheck = execution.execute(step).or(() -> Optional.empty());
                session.backoff().recordSuccess(seen.vm().getMetadata().getUid(), step.name());
            } catch (CloudException e) {
                execution.recordFailure(step, e);
                break;
            }
        }
        return deletionCheck;
    }

    /** The steps of one object. */
    private final class Execution extends StepExecutor {
        private final PlainVmFirewallExecutor firewall;
        private final PlainVmServerExecutor server;
        private final AdoptionExecutor adoption;

        Execution(HetznerSession session, PlainVm vm, Cloud cloud) {
            super(session, vm, cloud.identity(), eventRecorder);
            firewall = new PlainVmFirewallExecutor(session, vm, cloud, eventRecorder, sharedFirewallWanted);
            server = new PlainVmServerExecutor(session, vm, cloud, eventRecorder, shutdowns, kubernetes);
            adoption = new AdoptionExecutor(
                    session,
                    vm,
                    cloud.identity(),
                    eventRecorder,
                    journalSink,
                    predecessors,
                    PlainVmObserver.onRecord(vm));
        }

        Optional<DeletionCheck> execute(PlainVmStep step) {
            switch (step) {
                case CreateFirewall s -> firewall.createFirewall(s.firewall(), s.labels(), s.rules(), s.shared());
                case SetRules s -> firewall.setRules(s.firewallId(), s.rules(), s.sharedFirewall());
                case CreateServer s -> firewall.withSharedFirewall(s.sharedFirewall(), () -> server.createServer(s));
                case OnServer(AttachFirewall s) ->
                    firewall.withSharedFirewall(s.sharedFirewall(), () -> server.execute(s));
                case OnServer(ServerStep s) -> server.execute(s);
                case DeleteFirewall s -> firewall.deleteFirewall(s);
                case DisownFirewall s -> firewall.disownFirewall(s.firewallId());
                case OnAdoption(AdoptionStep s) -> adoption.execute(s);
                case ConfirmGone _ -> {
                    return Optional.of(server.confirmGone());
                }
            }
            return Optional.empty();
        }

        void recordFailure(PlainVmStep step, CloudException e) {
            switch (step) {
                case CreateServer s -> {
                    if (server.capacityExhausted(s, e)) {
                        return;
                    }
                }
                case OnServer(AttachFirewall s)
                when e instanceof CloudException.NotFound -> session.inventory().requestFirewallReread(s.firewallId());
                case DeleteFirewall s
                when !s.shared().isEmpty() -> {
                    logFailure(step.name(), e);
                    session.inventory().requestFirewallReread(s.firewallId());
                    session.backoff().recordFailure(s.shared(), PlainVmObserver.DELETE_FIREWALL, 0, e);
                    return; // it stands in nobody's way
                }
                case DeleteFirewall s
                when e instanceof CloudException.InUse -> session.inventory().requestFirewallReread(s.firewallId());
                default -> {}
            }
            recordFailure(step.name(), e);
        }

        String logPrefix() {
            return uid() + " " + object.getMetadata().getName();
        }
    }
}
