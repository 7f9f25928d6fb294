package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Abandonment;
import dev.anchorhold.operator.pipeline.FinalJournalEntry;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.JournalEntry;
import java.time.Duration;
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
    /** An Agent that has had a volume for so long, and no server that runs, waits for something: the volume costs meanwhile. */
    private static final Duration UNFINISHED = Duration.ofMinutes(5);

    private final AgentObservation agent;
    private final String account;
    private final StatusJournal before;

    /** @param account whose it is from now on */
    AgentJournal(AgentObservation agent, String account) {
        this.agent = agent;
        this.account = account;
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
     * @param complete its server is there, and its creation is over
     * @param all everything stands as wanted
     */
    StatusJournal next(boolean complete, boolean all) {
        var journal = seen(complete, all);
        return agent.deliveryStatus().isEmpty()
                        || !before.isActive()
                        || journal.account().filter(account::equals).isPresent()
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
                Abandonment.of(agent.agent(), agent.spec().deletionPolicy()),
                agent.cloud().flatMap(c -> c.server().finished("delete_server")),
                Instant.parse(agent.agent().getMetadata().getDeletionTimestamp()),
                agent.now());
    }

    /**
     * While it is being deleted: what was seen of its server before that goes is told first; the rest is told by its end. While the
     * deletion is held there is none yet.
     */
    StatusJournal beforeTheEnd(boolean complete) {
        boolean stands = observed().filter(s -> !s.running("delete_server")).isPresent()
                && server().filter(s -> s.status() != Server.Status.DELETING).isPresent();
        return stands || agent.held() ? seen(complete, false) : before;
    }

    private StatusJournal seen(boolean complete, boolean all) {
        if (agent.deliveryStatus().isEmpty()
                || before.destroyed()
                || agent.adoption().isPresent()) {
            return before; // what is being taken over is still its predecessor's, as far as the books know
        }
        return before.isActive() ? withVolume(withStateChange(withReplacement(before))) : provision(complete, all);
    }

    /** The cloud starts what it makes: a complete server that is off has run. */
    private StatusJournal provision(boolean complete, boolean all) {
        String by = FieldManagers.creator(agent.agent()).map(FieldManager::name).orElse(null);
        var server = server().filter(s -> complete && hasRun(s));
        if (server.isPresent()) {
            Instant since = finished(before, "create_server", "start_server")
                    .orElse(server.get().created());
            return withStateChange(before.provision(
                    notBeforeAdoption(since),
                    State.Running,
                    account,
                    by,
                    volumeGiB().orElse(null)));
        }
        if (all && !agent.wantsRunning()) {
            return before.provision(
                    agent.now(), State.Paused, account, by, volumeGiB().orElse(null));
        }
        return volumeOfAnUnfinished()
                .map(since -> before.provision(
                        notBeforeAdoption(since),
                        State.Paused,
                        account,
                        by,
                        volumeGiB().orElse(null)))
                .orElse(before);
    }

    /** What it took over is older than it is: the time before is its predecessor's, or nobody's, and in the books already. */
    private Instant notBeforeAdoption(Instant since) {
        return Optional.ofNullable(agent.status().adoption())
                .map(it -> Instant.parse(it.at()))
                .filter(since::isBefore)
                .orElse(since);
    }

    private boolean hasRun(Server server) {
        return switch (server.status()) {
            case RUNNING -> seen().isPresent();
            case OFF ->
                seen().isPresent()
                        && observed().filter(s -> !s.running("start_server")).isPresent()
                        && (!agent.wantsRunning() || agent.deleting() || isUnfinished(server.created()));
            case REBUILDING, MIGRATING, UNKNOWN -> true;
            case STARTING, STOPPING -> isUnfinished(server.created());
            case INITIALIZING, DELETING -> false;
        };
    }

    /** Since when it has had a volume, and no server yet, when that does not come as it should. */
    private Optional<Instant> volumeOfAnUnfinished() {
        return agent.cloud()
                .filter(_ -> absent())
                .map(AgentObservation.Cloud::volumes)
                .flatMap(v -> v instanceof Seen<List<Volume>>(var all, var _)
                        ? Optional.of(all.getFirst().created())
                        : Optional.empty())
                .filter(this::isUnfinished);
    }

    private boolean isUnfinished(Instant since) {
        return agent.held() || since.plus(UNFINISHED).isBefore(agent.now());
    }

    private Optional<Server> server() {
        return observed().flatMap(ServerObservation::server);
    }

    /** Another server than the one that ran: that one stopped in between, unnoticed. */
    private StatusJournal withReplacement(StatusJournal journal) {
        Long last = agent.status().serverId();
        return server().filter(now -> last != null && now.id() != last)
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

    /** Also of what was provisioned before journals told of volumes: from now on. */
    private StatusJournal withVolume(StatusJournal journal) {
        return volumeGiB()
                .filter(now -> !agent.deleting() && !Optional.of(now).equals(journal.volumeGiB()))
                .map(now -> journal.resize(
                        since(journal, "resize_volume"),
                        now,
                        journal.volumeGiB().isPresent()
                                        && now.equals(agent.spec().dataVolume().sizeGiB())
                                ? FieldManagers.lastWriter(agent.agent(), "dataVolume")
                                        .map(FieldManager::name)
                                        .orElse(null)
                                : null))
                .orElse(journal);
    }

    /** All that bear its label, also when there should be one; 0 when what it had is gone; empty when nobody knows. */
    Optional<Integer> volumeGiB() {
        return agent.cloud().flatMap(c -> switch (c.volumes()) {
            case Seen<List<Volume>>(var all, var _) ->
                Optional.of(all.stream().mapToInt(Volume::size).sum());
            case Absent<List<Volume>> _ ->
                Optional.ofNullable(agent.status().volumeId()).map(_ -> 0);
            default -> Optional.empty();
        });
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
