package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.operator.CloudSessions;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Meaningful;
import dev.anchorhold.operator.Plan;
import dev.anchorhold.operator.Rounds;
import dev.anchorhold.operator.StatusWriter;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.journal.Journal;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentStatus;
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

/** Strings observe, decide, act and record together for Agents; has no opinion of its own. */
@ControllerConfiguration(
        name = "agent",
        finalizerName = "anchorhold.dev/agent",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = Meaningful.class),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
public class AgentReconciler implements Reconciler<Agent>, Cleaner<Agent> {
    private final Fleet fleet;
    private final CloudSessions sessions;
    private final Books books;
    private final StatusWriter status;
    private final PowerNotes power;
    private final AgentNotes notes;
    private final AgentExecutor executor;
    private final AgentObserver observer;

    @Inject
    public AgentReconciler(
            KubernetesClient kubernetes,
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            Books books,
            StatusWriter status,
            Events events,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.books = books;
        this.status = status;
        this.power = new PowerNotes(clock);
        this.notes = new AgentNotes(clock);
        this.executor = new AgentExecutor(kubernetes, fleet, events, clock, door, power, notes);
        this.observer = new AgentObserver(fleet, sessions, door, books, power, notes, clock);
        door.open().ifPresent(o -> o.inventory().onChange(this::guestChanged));
    }

    private void guestChanged(String uid) {
        if (!fleet.isComplete()) {
            return;
        }
        if (uid.isEmpty()) {
            fleet.agents().forEach(fleet::wake);
        } else {
            fleet.agent(uid).ifPresent(fleet::wake);
        }
    }

    @Override
    public List<EventSource<?, Agent>> prepareEventSources(EventSourceContext<Agent> context) {
        return List.of(fleet.joinAgents(context.getPrimaryCache()));
    }

    @Override
    public UpdateControl<Agent> reconcile(Agent agent, Context<Agent> context) {
        return UpdateControl.<Agent>noUpdate().rescheduleAfter(go(agent).again().toMillis());
    }

    @Override
    public DeleteControl cleanup(Agent agent, Context<Agent> context) {
        var plan = go(agent);
        if (!plan.released()) {
            return DeleteControl.noFinalizerRemoval()
                    .rescheduleAfter(plan.again().toMillis());
        }
        String uid = agent.getMetadata().getUid();
        var admission = observer.admission(agent);
        admission.session().ifPresent(s -> {
            s.setbacks().forget(uid);
            s.inventory().forget(uid);
        });
        observer.edgeSession(admission).ifPresent(e -> e.inventory().forget(uid));
        power.forget(uid);
        notes.forget(uid);
        status.forget(uid);
        books.forget(uid);
        fleet.account(agent.getSpec().account()).ifPresent(fleet::wake);
        return DeleteControl.defaultDelete();
    }

    private Plan<AgentStep, AgentStatus> go(Agent cached) {
        fleet.wakeToCount(cached.getSpec().account(), AccountStatus::agents, fleet::agentsOf);
        var plan = Rounds.go(fleet, status, cached, new Round());
        var onRecord = status.newest(cached);
        if (onRecord.getStatus() != null) {
            books.offer(
                    onRecord.getMetadata().getUid(),
                    new Journal(onRecord.getStatus().journal()),
                    () -> AgentJournal.subject(onRecord));
        }
        return plan;
    }

    private final class Round implements Rounds.Round<Agent, AgentStep, AgentStatus> {
        private Optional<Departure> departure = Optional.empty();
        private AgentObservation seen;

        @Override
        public Plan<AgentStep, AgentStatus> decide(Agent newest) {
            seen = observer.observe(newest, departure);
            return AgentDecider.decide(seen);
        }

        @Override
        public boolean act(Plan<AgentStep, AgentStatus> plan) {
            String provider = seen.cloud().orElseThrow().provider();
            departure = executor.act(
                    sessions.get(provider).orElseThrow(), sessions.cloudflare().get(provider), seen, plan.steps());
            return !plan.steps().stream().allMatch(s -> s instanceof AgentStep.OnServer(ServerStep.LookAgain _));
        }
    }
}
