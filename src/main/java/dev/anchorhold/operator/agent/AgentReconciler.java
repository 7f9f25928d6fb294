package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.adoption.Predecessors;
import dev.anchorhold.operator.door.GuestDoor;
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
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentStatus;
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

/** Reconciler of Agents: connects observer, decider, executor and status writer; decides nothing itself. */
@ControllerConfiguration(
        name = "agent",
        finalizerName = "anchorhold.dev/agent",
        generationAwareEventProcessing = false,
        informer =
                @Informer(
                        onUpdateFilter = SpecChangeFilter.class,
                        itemStore = TrimmedItemStore.class,
                        informerListLimit = TrimmedItemStore.PAGE),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
@Singleton
public class AgentReconciler extends CloudResourceReconciler<Agent, AgentStep, AgentStatus> {
    private final CloudSessions sessions;
    private final GuestDoor door;
    private final EventRecorder eventRecorder;
    private final ShutdownTracker shutdowns;
    private final AgentCache cache;
    private final AgentExecutor executor;
    private final AgentObserver observer;

    @Inject
    public AgentReconciler(
            KubernetesClient kubernetes,
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            JournalSink journalSink,
            StatusWriter status,
            EventRecorder eventRecorder,
            PullSecrets pullSecrets,
            InstantSource clock) {
        super(fleet, journalSink, status, eventRecorder, clock);
        this.sessions = sessions;
        this.door = door;
        this.eventRecorder = eventRecorder;
        this.shutdowns = new ShutdownTracker(clock);
        this.cache = new AgentCache(clock);
        var predecessors = new Predecessors();
        this.executor = new AgentExecutor(
                kubernetes,
                fleet,
                eventRecorder,
                clock,
                door,
                shutdowns,
                cache,
                pullSecrets,
                journalSink,
                predecessors);
        this.observer = new AgentObserver(fleet, sessions, door, journalSink, shutdowns, cache, predecessors, clock);
        door.connection().ifPresent(o -> o.inventory().onChange(this::guestChanged));
    }

    private void guestChanged(String uid) {
        if (!fleet.isSynced()) {
            return;
        }
        if (uid.isEmpty()) {
            fleet.agents().forEach(fleet::enqueue);
        } else {
            fleet.agent(uid).ifPresent(fleet::enqueue);
        }
    }

    @Override
    public List<EventSource<?, Agent>> prepareEventSources(EventSourceContext<Agent> context) {
        return List.of(fleet.registerAgents(context, this::removed));
    }

    @Override
    protected ReconcileLoop.Pass<Agent, AgentStep, AgentStatus> newPass() {
        return new Pass();
    }

    @Override
    protected String account(Agent agent) {
        return agent.getSpec().account();
    }

    @Override
    protected void compareCount(String account) {
        fleet.enqueueAccountIfCountDiffers(account, AccountStatus::agents, fleet::agentCount);
    }

    @Override
    protected StatusJournal journal(AgentStatus status) {
        return new StatusJournal(status.journal());
    }

    @Override
    protected Subject subject(Agent agent) {
        return AgentJournal.subject(agent);
    }

    @Override
    protected Optional<Abandonment> abandonment(Agent agent) {
        return Abandonment.of(agent, agent.getSpec().deletionPolicy());
    }

    @Override
    protected void revokeAbandoned(Agent agent) {
        door.connection()
                .filter(_ -> agent.getStatus() != null && AgentCleanupDecider.mayHaveGuest(agent.getStatus()))
                .ifPresent(o -> o.client().delete(agent.getMetadata().getUid()));
    }

    @Override
    protected void forget(Agent agent, String uid) {
        var admission = observer.admission(agent);
        admission.session().ifPresent(s -> s.forget(uid));
        observer.edgeSession(admission).ifPresent(e -> e.inventory().forget(uid));
        shutdowns.forget(uid);
        cache.forget(uid);
    }

    private final class Pass implements ReconcileLoop.Pass<Agent, AgentStep, AgentStatus> {
        private Optional<DeletionCheck> deletionCheck = Optional.empty();
        private AgentObservation seen;

        @Override
        public Plan<AgentStep, AgentStatus> decide(Agent newest) {
            seen = observer.observe(newest, deletionCheck);
            return AgentDecider.decide(seen);
        }

        @Override
        public void recorded(Agent before, AgentStatus status) {
            var conditions =
                    before.getStatus() == null ? null : before.getStatus().conditions();
            Drift.emitEvent(eventRecorder, before, conditions, status.conditions());
        }

        @Override
        public boolean act(Plan<AgentStep, AgentStatus> plan) {
            String provider = seen.cloud().orElseThrow().provider();
            deletionCheck = executor.act(
                    sessions.get(provider).orElseThrow(), sessions.cloudflare().get(provider), seen, plan.steps());
            return !plan.steps().stream()
                    .allMatch(s -> s instanceof AgentStep.OnServer(ServerStep.RereadServer _)
                            || s instanceof AgentStep.OnAdoption(AdoptionStep it) && it.isPolled());
        }
    }
}
