package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.FinalJournalEntry;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.JournalEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Derives an Agent's next journal entries from an observation (docs/books.md, "The journal"). Pure. Running: its server
 * was seen running. Paused: it was seen off, or there is none. While that changes, or nobody knows, it says nothing
 * new.
 */
final class AgentJournal {
    private final AgentObservation agent;
    private final StatusJournal before;

    AgentJournal(AgentObservation agent) {
        this.agent = agent;
        this.before = new StatusJournal(agent.status().journal());
    }

    static Subject subject(Agent agent) {
        var status = agent.getStatus();
        var metadata = agent.getMetadata();
        return new Subject(
                Kind.Agent,
                metadata.getUid(),
                metadata.getNamespace(),
                metadata.getName(),
                status.region(),
                status.size());
    }

    /**
     * @param provisioned its server is there, and all that its creation started has succeeded
     * @param all everything stands as wanted
     * @param account whose it is from now on
     */
    StatusJournal next(boolean provisioned, boolean all, String account) {
        if (agent.deliveryStatus().isEmpty() || before.destroyed()) {
            return before;
        }
        if (!before.isActive()) {
            return provision(provisioned, all, account);
        }
        var journal = withStateChange(withReplacement(before));
        return journal.account().filter(account::equals).isPresent()
                ? journal
                : journal.transfer(
                        agent.now(),
                        account,
                        FieldManagers.lastWriter(agent.agent(), "account")
                                .map(FieldManager::name)
                                .orElse(null));
    }

    /** At the end, when nothing is left of it. */
    StatusJournal destroyed() {
        return FinalJournalEntry.append(
                before,
                agent.cloud().flatMap(c -> c.server().finished("delete_server")),
                Instant.parse(agent.agent().getMetadata().getDeletionTimestamp()),
                agent.now());
    }

    private StatusJournal provision(boolean provisioned, boolean all, String account) {
        String by = FieldManagers.creator(agent.agent()).map(FieldManager::name).orElse(null);
        if (provisioned && seen().filter(State.Running::equals).isPresent()) {
            return before.provision(since(before, "create_server", "start_server"), State.Running, account, by);
        }
        return all && !agent.wantsRunning() ? before.provision(agent.now(), State.Paused, account, by) : before;
    }

    /** Another server than the one that ran: that one stopped in between, unnoticed. */
    private StatusJournal withReplacement(StatusJournal journal) {
        Long last = agent.status().serverId();
        return observed()
                .flatMap(ServerObservation::server)
                .filter(now -> last != null && now.id() != last)
                .filter(_ -> journal.state().filter(State.Running::equals).isPresent())
                .map(now -> journal.stop(
                        finished(journal, "delete_server")
                                .filter(at -> at.isBefore(now.created()))
                                .orElse(now.created()),
                        State.Paused,
                        null))
                .orElse(journal);
    }

    private StatusJournal withStateChange(StatusJournal journal) {
        Optional<State> now = seen().filter(s -> !Optional.of(s).equals(journal.state()));
        if (now.isEmpty()) {
            return journal;
        }
        boolean runs = now.get() == State.Running;
        String by = runs == agent.wantsRunning() ? requester(journal) : null;
        return runs
                ? journal.start(since(journal, "create_server", "start_server"), by)
                : journal.stop(since(journal, absent() ? "delete_server" : "stop_server"), State.Paused, by);
    }

    private Optional<ServerObservation> observed() {
        return agent.cloud().map(c -> c.server());
    }

    private boolean absent() {
        return observed().filter(s -> s.servers() instanceof Absent).isPresent();
    }

    private Optional<State> seen() {
        return observed().flatMap(s -> switch (s.servers()) {
            case Absent<List<Server>> _ -> Optional.of(State.Paused);
            case Seen<List<Server>>(var all, var _) -> seen(s, all.getFirst());
            default -> Optional.empty();
        });
    }

    private Optional<State> seen(ServerObservation observed, Server server) {
        boolean goingDown = observed.running("stop_server", "shutdown_server", "reboot_server", "reset_server");
        return switch (server.status()) {
            case RUNNING ->
                goingDown || observed.running("create_server", "start_server")
                        ? Optional.empty()
                        : Optional.of(State.Running);
            case OFF -> goingDown ? Optional.empty() : Optional.of(State.Paused);
            case DELETING ->
                agent.releasesServer() ? Optional.of(State.Paused) : Optional.empty(); // only when it is off
            default -> Optional.empty();
        };
    }

    /**
     * The cloud's own instant, if it gives one later than the last entry. A shutdown's is only that of the signal
     * (providers.md A.13).
     */
    private Instant since(StatusJournal journal, String... commands) {
        return finished(journal, commands).orElse(agent.now());
    }

    private Optional<Instant> finished(StatusJournal journal, String... commands) {
        return observed().flatMap(s -> s.finished(commands)).filter(journal::isAfterLast);
    }

    /**
     * Who set the mode. A change that nobody requested is undone in nobody's name either: unless the mode was written
     * after it happened.
     */
    private String requester(StatusJournal journal) {
        JournalEntry last = journal.last().orElseThrow();
        Instant lastChange = Instant.parse(last.at()).truncatedTo(ChronoUnit.SECONDS);
        return FieldManagers.lastWriter(agent.agent(), "operatingMode")
                .filter(w -> last.by() != null || !w.changedAt().isBefore(lastChange))
                .map(FieldManager::name)
                .orElse(null);
    }
}
