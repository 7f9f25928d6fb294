package dev.anchorhold.operator.agent;

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

/** Strings observe, decide, act and record together for Agents; has no opinion of its own. */
@ControllerConfiguration(
        name = "agent",
        finalizerName = "anchorhold.dev/agent",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = Meaningful.class, itemStore = TrimmedItemStore.class),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
@Singleton
public class AgentReconciler extends CloudResourceReconciler<Agent, AgentStep, AgentStatus> {
    private final CloudSessions sessions;
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
        super(fleet, books, status);
        this.sessions = sessions;
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
        return List.of(fleet.joinAgents(context));
    }

    @Override
    protected Rounds.Round<Agent, AgentStep, AgentStatus> round() {
        return new Round();
    }

    @Override
    protected String account(Agent agent) {
        return agent.getSpec().account();
    }

    @Override
    protected void compareCount(String account) {
        fleet.wakeToCount(account, AccountStatus::agents, fleet::agentCount);
    }

    @Override
    protected Journal journal(AgentStatus status) {
        return new Journal(status.journal());
    }

    @Override
    protected Subject subject(Agent agent) {
        return AgentJournal.subject(agent);
    }

    @Override
    protected void forget(Agent agent, String uid) {
        var admission = observer.admission(agent);
        admission.session().ifPresent(s -> s.forget(uid));
        observer.edgeSession(admission).ifPresent(e -> e.inventory().forget(uid));
        power.forget(uid);
        notes.forget(uid);
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
