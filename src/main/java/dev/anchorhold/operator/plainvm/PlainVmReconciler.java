package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.operator.CloudSessions;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Meaningful;
import dev.anchorhold.operator.Plan;
import dev.anchorhold.operator.Rounds;
import dev.anchorhold.operator.StatusWriter;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.journal.Journal;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Strings observe, decide, act and record together for PlainVms; has no opinion of its own. */
@ControllerConfiguration(
        name = "plainvm",
        finalizerName = "anchorhold.dev/plainvm",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = Meaningful.class),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
public class PlainVmReconciler implements Reconciler<PlainVm>, Cleaner<PlainVm> {
    private final Fleet fleet;
    private final CloudSessions sessions;
    private final Books books;
    private final StatusWriter status;
    private final PowerNotes notes;
    private final PlainVmExecutor executor;
    private final PlainVmObserver observer;

    @Inject
    public PlainVmReconciler(
            KubernetesClient kubernetes,
            Fleet fleet,
            CloudSessions sessions,
            Books books,
            StatusWriter status,
            Events events,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.books = books;
        this.status = status;
        this.notes = new PowerNotes(clock);
        this.executor = new PlainVmExecutor(kubernetes, events, notes, this::wanted);
        this.observer = new PlainVmObserver(fleet, sessions, books, notes, clock);
    }

    private boolean wanted(String installation, String sharedFirewall) {
        return observer.sharedFirewallWanted(installation, sharedFirewall);
    }

    @Override
    public List<EventSource<?, PlainVm>> prepareEventSources(EventSourceContext<PlainVm> context) {
        return List.of(fleet.joinPlainVms(context.getPrimaryCache()));
    }

    @Override
    public UpdateControl<PlainVm> reconcile(PlainVm vm, Context<PlainVm> context) {
        return UpdateControl.<PlainVm>noUpdate().rescheduleAfter(go(vm).again().toMillis());
    }

    @Override
    public DeleteControl cleanup(PlainVm vm, Context<PlainVm> context) {
        var plan = go(vm);
        if (!plan.released()) {
            return DeleteControl.noFinalizerRemoval()
                    .rescheduleAfter(plan.again().toMillis());
        }
        String uid = vm.getMetadata().getUid();
        observer.session(vm).ifPresent(s -> {
            s.setbacks().forget(uid);
            s.inventory().forget(uid);
        });
        notes.forget(uid);
        status.forget(uid);
        books.forget(uid);
        fleet.account(vm.getSpec().account()).ifPresent(fleet::wake);
        return DeleteControl.defaultDelete();
    }

    private Plan<PlainVmStep, PlainVmStatus> go(PlainVm cached) {
        fleet.wakeToCount(cached.getSpec().account(), AccountStatus::plainVms, fleet::plainVmsOf);
        var plan = Rounds.go(fleet, status, cached, new Round());
        var onRecord = status.newest(cached);
        if (onRecord.getStatus() != null) {
            books.offer(
                    onRecord.getMetadata().getUid(),
                    new Journal(onRecord.getStatus().journal()),
                    () -> PlainVmJournal.subject(onRecord));
        }
        return plan;
    }

    private final class Round implements Rounds.Round<PlainVm, PlainVmStep, PlainVmStatus> {
        private Optional<Departure> departure = Optional.empty();
        private PlainVmObservation seen;

        @Override
        public Plan<PlainVmStep, PlainVmStatus> decide(PlainVm newest) {
            seen = observer.observe(newest, departure);
            return PlainVmDecider.decide(seen);
        }

        @Override
        public boolean act(Plan<PlainVmStep, PlainVmStatus> plan) {
            var session = sessions.get(seen.cloud().orElseThrow().provider()).orElseThrow();
            departure = executor.act(session, seen, plan.steps());
            return !plan.steps().stream().allMatch(s -> s instanceof PlainVmStep.OnServer(ServerStep.LookAgain _));
        }
    }
}
