package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.adoption.Predecessors;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.SpecChangeFilter;
import dev.anchorhold.operator.fleet.TrimmedItemStore;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Abandonment;
import dev.anchorhold.operator.pipeline.CloudResourceReconciler;
import dev.anchorhold.operator.pipeline.Drift;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.pipeline.ReconcileLoop;
import dev.anchorhold.operator.pipeline.StatusWriter;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reconciler of PlainVms: connects observer, decider, executor and status writer; decides nothing itself. */
@ControllerConfiguration(
        name = "plainvm",
        finalizerName = "anchorhold.dev/plainvm",
        generationAwareEventProcessing = false,
        informer =
                @Informer(
                        onUpdateFilter = SpecChangeFilter.class,
                        itemStore = TrimmedItemStore.class,
                        informerListLimit = TrimmedItemStore.PAGE),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
@Singleton
public class PlainVmReconciler extends CloudResourceReconciler<PlainVm, PlainVmStep, PlainVmStatus> {
    private final CloudSessions sessions;
    private final EventRecorder eventRecorder;
    private final ShutdownTracker shutdowns;
    private final PlainVmExecutor executor;
    private final PlainVmObserver observer;

    @Inject
    public PlainVmReconciler(
            KubernetesClient kubernetes,
            Fleet fleet,
            CloudSessions sessions,
            JournalSink journalSink,
            StatusWriter status,
            EventRecorder eventRecorder,
            InstantSource clock) {
        super(fleet, journalSink, status, eventRecorder, clock);
        this.sessions = sessions;
        this.eventRecorder = eventRecorder;
        this.shutdowns = new ShutdownTracker(clock);
        var predecessors = new Predecessors();
        this.executor =
                new PlainVmExecutor(kubernetes, eventRecorder, shutdowns, this::wanted, journalSink, predecessors);
        this.observer = new PlainVmObserver(fleet, sessions, journalSink, shutdowns, predecessors, clock);
    }

    private boolean wanted(String sharedFirewall) {
        return observer.isSharedFirewallWanted(sharedFirewall);
    }

    @Override
    public List<EventSource<?, PlainVm>> prepareEventSources(EventSourceContext<PlainVm> context) {
        return List.of(fleet.registerPlainVms(context, observer::sharedFirewall, this::removed));
    }

    @Override
    protected ReconcileLoop.Pass<PlainVm, PlainVmStep, PlainVmStatus> newPass() {
        return new Pass();
    }

    @Override
    protected String account(PlainVm vm) {
        return vm.getSpec().account();
    }

    @Override
    protected void compareCount(String account) {
        fleet.enqueueAccountIfCountDiffers(account, AccountStatus::plainVms, fleet::plainVmCount);
    }

    @Override
    protected StatusJournal journal(PlainVmStatus status) {
        return new StatusJournal(status.journal());
    }

    @Override
    protected Subject subject(PlainVm vm) {
        return PlainVmJournal.subject(vm);
    }

    @Override
    protected Optional<Abandonment> abandonment(PlainVm vm) {
        return Abandonment.of(vm, vm.getSpec().deletionPolicy());
    }

    @Override
    protected void forget(PlainVm vm, String uid) {
        observer.session(vm).ifPresent(s -> s.forget(uid));
        shutdowns.forget(uid);
    }

    private final class Pass implements ReconcileLoop.Pass<PlainVm, PlainVmStep, PlainVmStatus> {
        private Optional<DeletionCheck> deletionCheck = Optional.empty();
        private PlainVmObservation seen;

        @Override
        public Plan<PlainVmStep, PlainVmStatus> decide(PlainVm newest) {
            seen = observer.observe(newest, deletionCheck);
            return PlainVmDecider.decide(seen);
        }

        @Override
        public void recorded(PlainVm before, PlainVmStatus status) {
            var conditions =
                    before.getStatus() == null ? null : before.getStatus().conditions();
            Drift.emitEvent(eventRecorder, before, conditions, status.conditions());
        }

        @Override
        public boolean act(Plan<PlainVmStep, PlainVmStatus> plan) {
            var session = sessions.get(seen.cloud().orElseThrow().provider()).orElseThrow();
            deletionCheck = executor.act(session, seen, plan.steps());
            return !plan.steps().stream()
                    .allMatch(s -> s instanceof PlainVmStep.OnServer(ServerStep.RereadServer _)
                            || s instanceof PlainVmStep.OnAdoption(AdoptionStep it) && it.isPolled());
        }
    }
}
