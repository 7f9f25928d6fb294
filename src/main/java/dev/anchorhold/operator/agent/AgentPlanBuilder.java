package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.READY;
import static dev.anchorhold.resource.Reasons.SERVER_PROVISIONED;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.adoption.AdoptedJournal;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.Drift;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.server.ServerNeeds;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.AgentStatus.Settings;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ServerAsMade;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds an Agent's plan from the needs that the decider checks: steps to take, conditions and the other fields of
 * status.
 */
final class AgentPlanBuilder {
    private final AgentObservation agent;
    private final AgentStatus before;
    private final Conditions conditions;
    private final List<AgentStep> steps = new ArrayList<>();
    private Duration again = Plan.RESYNC_INTERVAL;
    private Need<AgentStep> decisive;
    private boolean destroyed;
    private Boolean envFixed;
    private Adoption adopted;
    private Optional<String> adoptedHostname = Optional.empty();
    private Optional<Subject> predecessor = Optional.empty();

    AgentPlanBuilder(AgentObservation agent) {
        this.agent = agent;
        this.before = agent.status();
        this.envFixed = before.envFixed();
        this.conditions = new Conditions(before.conditions(), agent.generation(), agent.now());
    }

    /** Records a need's state; true when the next may be checked. */
    boolean require(String condition, Need<AgentStep> wanted) {
        var need = agent.held() ? wanted.held(this::onlyLooks) : wanted;
        note(condition, need);
        if (decisive == null || decisive.met()) {
            decisive = need;
        }
        return need.met();
    }

    /** What is frozen already is only read. */
    private boolean onlyLooks(AgentStep step) {
        return step.onlyLooks() || step instanceof AgentStep.Freeze && before.frozenSecret() != null;
    }

    /** Notes what holds nothing up. */
    void note(String condition, Need<AgentStep> need) {
        conditions.set(condition, need);
        steps.addAll(need.steps());
        need.rescheduleAfter().filter(d -> d.compareTo(again) < 0).ifPresent(d -> again = d);
    }

    /** It is being frozen: from when that is on record, {@code spec.env} cannot be changed. */
    void fixEnvironment() {
        envFixed = true;
    }

    /** It cannot be frozen as it is, and was not. */
    void releaseEnvironment() {
        envFixed = null;
    }

    /** Nothing is left of it: that is the last that its journal says. */
    void markDestroyed() {
        destroyed = true;
    }

    /**
     * How far it has taken over its predecessor's things, as its status is to have it.
     *
     * @param hostname the one that the predecessor had, as long as it is its predecessor's
     * @param subject the predecessor as the books know it: they are told of this one before it is frozen
     */
    void adopt(Adoption it, Optional<String> hostname, Optional<Subject> subject) {
        adopted = it;
        adoptedHostname = hostname;
        predecessor = subject;
    }

    /** Ready is how the first need stands that is not met, or the last of all. */
    Plan<AgentStep, AgentStatus> build(boolean all) {
        conditions.set(
                READY,
                all
                        ? Condition.Status.True
                        : decisive.status() == Condition.Status.True ? Condition.Status.False : decisive.status(),
                decisive.reason(),
                all && agent.held()
                        ? decisive.message() + " (" + ApiNames.PAUSED + " holds it as it is)"
                        : decisive.message());
        AgentDrift.of(agent, asMade()).ifPresent(drift -> Drift.note(conditions, drift));
        return new Plan<>(List.copyOf(steps), Optional.of(status(all)), again, false);
    }

    private ServerAsMade asMade() {
        return AgentDrift.asMade(agent, complete());
    }

    /** Something was seen of it that the books are to have before it goes. */
    boolean hasNews() {
        return !journal(false, before.account()).equals(new StatusJournal(before.journal()));
    }

    /**
     * Its server is there, and its creation is over, whatever else holds it up. Of one that is held nobody tidies away what its creation
     * failed to do: it stands, and counts.
     */
    private boolean complete() {
        return agent.cloud()
                .map(AgentObservation.Cloud::server)
                .filter(s -> s.server().isPresent()
                        && ServerNeeds.provisioned(s, wasTrue(agent, SERVER_PROVISIONED) || agent.held())
                                .met())
                .isPresent();
    }

    private StatusJournal journal(boolean all, String account) {
        var agentJournal = new AgentJournal(
                agent, Optional.ofNullable(account).orElse(agent.spec().account()));
        if (destroyed) {
            return agentJournal.destroyed();
        }
        if (adopted != null && adopted.isCompleted()) {
            return AdoptedJournal.begin(
                    agent.agent(),
                    new StatusJournal(before.journal()),
                    adopted,
                    Optional.empty(),
                    account,
                    agentJournal.volumeGiB());
        }
        return agent.deleting() ? agentJournal.beforeTheEnd(complete()) : agentJournal.next(complete(), all);
    }

    /** The condition was true of the server that is there. */
    static boolean wasTrue(AgentObservation agent, String condition) {
        var server = agent.cloud().flatMap(c -> c.server().server());
        return Condition.find(agent.status().conditions(), condition)
                        .filter(Condition::holds)
                        .isPresent()
                && server.filter(s -> Long.valueOf(s.id()).equals(agent.status().serverId()))
                        .isPresent();
    }

    /** It has been ready with this tunnel, so the tunnel was configured then. */
    static boolean wasConfigured(AgentObservation agent, String tunnelId) {
        return agent.status().provisionedAt() != null
                && tunnelId.equals(agent.status().tunnelId());
    }

    /** The settings to send to the guest: those on record, or one version further where something of them changes. */
    Settings settings() {
        Optional<String> tunnel = agent.edge().flatMap(e -> e.tunnel()).map(t -> t.id());
        var last = before.settings();
        boolean share = agent.spec().shareLogs();
        if (tunnel.isEmpty() || agent.adoption().isPresent()) {
            return last;
        }
        if (last == null) { // a guest that was taken over has had some
            return new Settings(agent.guest().settingsVersion() + 1, tunnel.get(), share);
        }
        boolean same = last.tunnelId().equals(tunnel.get()) && last.shareLogs() == share && !handedOver();
        return same ? last : new Settings(last.version() + 1, tunnel.get(), share);
    }

    /** The old owner is cut off: now the books may name the new one. */
    private boolean handedOver() {
        String now = agent.spec().account();
        return before.account() != null
                && !before.account().equals(now)
                && agent.edge().flatMap(e -> e.rotatedFor()).filter(now::equals).isPresent();
    }

    /** What the books have goes from the journal with a change, but is none. */
    private AgentStatus status(boolean all) {
        boolean first = before.account() == null && isAdmitted();
        boolean owns = first || handedOver();
        String account = owns ? agent.spec().account() : before.account();
        var journal = journal(all, account);
        var whole = status(all, owns, account, journal);
        return whole.equals(before)
                ? whole
                : status(
                        all,
                        owns,
                        account,
                        journal.withoutDelivered(agent.deliveryStatus()
                                .map(DeliveryStatus::delivered)
                                .orElse(0L)));
    }

    private boolean isAdmitted() {
        return agent.refusal().isEmpty() && agent.edgeRefusal().isEmpty();
    }

    private AgentStatus status(boolean all, boolean owns, String account, StatusJournal journal) {
        Optional<Server> server = agent.cloud().flatMap(c -> c.server().server());
        var frozen = agent.frozen();
        var edge = agent.edge().filter(_ -> frozen.isPresent());
        Optional<Volume> volume = agent.cloud()
                .map(c -> c.volumes())
                .filter(Seen.class::isInstance)
                .map(v -> ((Seen<List<Volume>>) v).value().getFirst());
        boolean stands = isAdmitted() || server.isPresent() || volume.isPresent();
        return new AgentStatus(
                agent.agent().getMetadata().getUid(),
                agent.generation(),
                or(before.providerConfig(), agent.cloud().filter(_ -> stands).map(c -> c.provider())),
                agent.cloud().flatMap(c -> c.sealedKey()).orElse(before.sealedKeyId()),
                agent.edge().map(e -> e.zoneId()).orElse(before.zoneId()),
                account,
                owns ? StatusJournal.format(since(journal)) : before.accountSince(),
                edge.map(e -> e.url()).orElse(before.url()),
                or(before.hostname(), adoptedHostname.or(() -> edge.map(e -> e.hostname()))),
                or(
                        before.region(),
                        predecessor
                                .map(Subject::region)
                                .or(() -> frozen.map(f -> f.region().key()))),
                or(before.size(), predecessor.map(Subject::size).or(() -> frozen.map(FrozenSpec::size))),
                or(before.image(), frozen.map(FrozenSpec::image)),
                or(before.agentImage(), frozen.map(FrozenSpec::agentImage)),
                or(before.imageRevision(), frozen.map(FrozenSpec::revision)),
                or(
                        before.frozenSecret(),
                        frozen.map(_ -> AgentNames.frozenSecret(
                                agent.agent().getMetadata().getName()))),
                frozen.isPresent() ? Boolean.TRUE : envFixed,
                before.frozenSecret() != null
                        ? or(before.frozenDigest(), agent.frozenDigest())
                        : agent.frozenDigest().orElse(before.frozenDigest()),
                serverGone() ? null : server.map(Server::id).orElse(before.serverId()),
                server.map(Server::name).orElse(before.serverName()),
                serverType(server),
                server.map(s -> s.location().name())
                        .or(() -> volume.map(v -> v.location()).map(Server.Ref::name))
                        .orElse(before.location()),
                volume.map(Volume::id).orElse(before.volumeId()),
                volume.map(Volume::size).orElse(before.volumeGiB()),
                agent.edge().flatMap(e -> e.tunnel()).map(t -> t.id()).orElse(before.tunnelId()),
                agent.edge()
                        .map(e -> e.records())
                        .filter(Seen.class::isInstance)
                        .map(r -> ((Seen<List<DnsRecord>>) r).value().getFirst().id())
                        .orElse(before.dnsRecordId()),
                settings(),
                endedBoot(),
                bootEndedAt(),
                state(server),
                before.provisionedAt() != null || !all ? before.provisionedAt() : now(),
                adopted != null ? adopted : before.adoption(),
                asMade(),
                journal.entries(),
                conditions.toList());
    }

    /** The books have the same instant, when it was handed over. */
    private Instant since(StatusJournal journal) {
        return journal.last()
                .filter(e -> e.event().equals(EventType.TRANSFER.wire()))
                .map(e -> Instant.parse(e.at()))
                .orElse(agent.now());
    }

    private boolean serverGone() {
        return agent.cloud().filter(c -> c.server().servers() instanceof Absent).isPresent();
    }

    /**
     * What a guest said before its machine was seen off, or gone, says nothing of the next boot. A report that came
     * after that read may be the next boot's already.
     */
    private String endedBoot() {
        Optional<Instant> offAt = agent.cloud()
                .filter(c -> !c.server().running("start_server", "create_server"))
                .flatMap(c -> seenOff(c.server().servers()));
        return agent.guest().guest() instanceof Seen<Guest>(var guest, var _)
                        && guest.report() != null
                        && guest.report().bootId() != null
                        && offAt.filter(at -> at.isAfter(guest.reportedAt())).isPresent()
                ? guest.report().bootId()
                : before.endedBoot();
    }

    /** Noted where there is a report that is to count no more. */
    private String bootEndedAt() {
        return agent.bootEndedAt()
                .filter(at -> agent.guest().guest() instanceof Seen<Guest>(var guest, var _)
                        && guest.reportedAt() != null
                        && !guest.reportedAt().isAfter(at))
                .map(Instant::toString)
                .orElse(before.bootEndedAt());
    }

    /** For life, unless another server had to be taken. */
    private String serverType(Optional<Server> server) {
        var type = server.map(s -> s.serverType().name());
        return server.filter(s -> !Long.valueOf(s.id()).equals(before.serverId()))
                        .isPresent()
                ? type.orElseThrow()
                : or(before.serverType(), type);
    }

    private static Optional<Instant> seenOff(Sighting<List<Server>> servers) {
        return switch (servers) {
            case Absent<List<Server>>(var asOf) -> Optional.of(asOf);
            case Seen<List<Server>>(var all, var asOf)
            when all.getFirst().status() == Server.Status.OFF -> Optional.of(asOf);
            default -> Optional.empty();
        };
    }

    private String state(Optional<Server> server) {
        boolean volumeLost = before.volumeId() != null
                && agent.cloud().filter(c -> c.volumes() instanceof Absent).isPresent();
        if (volumeLost) {
            return "Lost";
        }
        if (serverGone()) {
            return agent.wantsRunning() ? "Changing" : "Paused";
        }
        return server.map(s -> switch (s.status()) {
                    case RUNNING -> "Running";
                    case OFF -> "Paused";
                    default -> "Changing";
                })
                .orElse(before.state());
    }

    private String now() {
        return agent.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static <T> T or(T before, Optional<T> now) {
        return before != null ? before : now.orElse(null);
    }
}
