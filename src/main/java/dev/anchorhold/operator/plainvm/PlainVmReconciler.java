package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.operator.CloudSessions;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Meaningful;
import dev.anchorhold.operator.Plan;
import dev.anchorhold.operator.StatusWriter;
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
import java.time.Duration;
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
    /** A plan leads to the next; more than this in one go is a quarrel with somebody, and waits its turn. */
    private static final int ROUNDS = 8;

    private static final Duration AT_ONCE = Duration.ofMillis(200);

    private final Fleet fleet;
    private final CloudSessions sessions;
    private final StatusWriter status;
    private final PlainVmExecutor executor;
    private final PlainVmObserver observer;

    @Inject
    public PlainVmReconciler(
            KubernetesClient kubernetes,
            Fleet fleet,
            CloudSessions sessions,
            StatusWriter status,
            Events events,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.status = status;
        this.executor = new PlainVmExecutor(kubernetes, events, clock, this::wanted);
        this.observer = new PlainVmObserver(fleet, sessions, executor, clock);
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
        executor.forget(uid);
        status.forget(uid);
        fleet.account(vm.getSpec().account()).ifPresent(fleet::wake);
        return DeleteControl.defaultDelete();
    }

    private Plan<PlainVmStep, PlainVmStatus> go(PlainVm cached) {
        if (!fleet.isComplete()) {
            return Plan.holdStill(AT_ONCE);
        }
        wakeAccountToCount(cached);
        Optional<Departure> departure = Optional.empty();
        for (int round = 0; round < ROUNDS; round++) {
            PlainVm vm = status.newest(cached);
            var seen = observer.observe(vm, departure);
            var plan = PlainVmDecider.decide(seen);
            boolean looksOnly = plan.steps().stream().allMatch(PlainVmStep.LookAgain.class::isInstance);
            if (!plan.steps().isEmpty()) {
                var session =
                        sessions.get(seen.cloud().orElseThrow().provider()).orElseThrow();
                departure = executor.act(session, seen, plan.steps());
                if (!looksOnly) {
                    continue; // what was done is seen in the next observation, and then recorded
                }
            }
            if (plan.status().isPresent() && !status.write(vm, plan.status().get())) {
                return Plan.holdStill(AT_ONCE); // somebody changed it: start over with what they wrote
            }
            if (!plan.again().isZero()) {
                return plan;
            }
        }
        return Plan.holdStill(AT_ONCE);
    }

    private void wakeAccountToCount(PlainVm vm) {
        fleet.account(vm.getSpec().account())
                .filter(a -> a.getStatus() == null
                        || a.getStatus().plainVms() == null
                        || a.getStatus().plainVms()
                                != fleet.plainVmsOf(a.getMetadata().getName()).size())
                .ifPresent(fleet::wake);
    }
}
