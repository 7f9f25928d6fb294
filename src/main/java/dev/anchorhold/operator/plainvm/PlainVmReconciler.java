package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.CloudResourceReconciler;
import dev.anchorhold.operator.CloudSessions;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Meaningful;
import dev.anchorhold.operator.Plan;
import dev.anchorhold.operator.Rounds;
import dev.anchorhold.operator.StatusWriter;
import dev.anchorhold.operator.TrimmedItemStore;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.journal.Journal;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerStep;
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

/** Strings observe, decide, act and record together for PlainVms; has no opinion of its own. */
@ControllerConfiguration(
        name = "plainvm",
        finalizerName = "anchorhold.dev/plainvm",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = Meaningful.class, itemStore = TrimmedItemStore.class),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
@Singleton
public class PlainVmReconciler extends CloudResourceReconciler<PlainVm, PlainVmStep, PlainVmStatus> {
    private final CloudSessions sessions;
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
        super(fleet, books, status);
        this.sessions = sessions;
        this.notes = new PowerNotes(clock);
        this.executor = new PlainVmExecutor(kubernetes, events, notes, this::wanted);
        this.observer = new PlainVmObserver(fleet, sessions, books, notes, clock);
    }

    private boolean wanted(String sharedFirewall) {
        return observer.sharedFirewallWanted(sharedFirewall);
    }

    @Override
    public List<EventSource<?, PlainVm>> prepareEventSources(EventSourceContext<PlainVm> context) {
        return List.of(fleet.joinPlainVms(context, observer::sharedFirewall));
    }

    @Override
    protected Rounds.Round<PlainVm, PlainVmStep, PlainVmStatus> round() {
        return new Round();
    }

    @Override
    protected String account(PlainVm vm) {
        return vm.getSpec().account();
    }

    @Override
    protected void compareCount(String account) {
        fleet.wakeToCount(account, AccountStatus::plainVms, fleet::plainVmCount);
    }

    @Override
    protected Journal journal(PlainVmStatus status) {
        return new Journal(status.journal());
    }

    @Override
    protected Subject subject(PlainVm vm) {
        return PlainVmJournal.subject(vm);
    }

    @Override
    protected void forget(PlainVm vm, String uid) {
        observer.session(vm).ifPresent(s -> s.forget(uid));
        notes.forget(uid);
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
