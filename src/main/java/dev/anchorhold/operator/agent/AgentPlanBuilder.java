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
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.AgentStatus.Settings;
import dev.anchorhold.resource.Condition;
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
    private boolean provisioned;
    private boolean destroyed;

    AgentPlanBuilder(AgentObservation agent) {
        this.agent = agent;
        this.before = agent.status();
        this.conditions = new Conditions(before.conditions(), agent.generation(), agent.now());
    }

    /** Records a need's state; true when the next may be checked. */
    boolean require(String condition, Need<AgentStep> need) {
        note(condition, need);
        if (decisive == null || decisive.met()) {
            decisive = need;
        }
        provisioned |= condition.equals(SERVER_PROVISIONED) && need.met();
        return need.met();
    }

    /** Notes what holds nothing up. */
    void note(String condition, Need<AgentStep> need) {
        conditions.set(condition, need);
        steps.addAll(need.steps());
        need.rescheduleAfter().filter(d -> d.compareTo(again) < 0).ifPresent(d -> again = d);
    }

    /** Nothing is left of it: that is the last that its journal says. */
    void markDestroyed() {
        destroyed = true;
    }

    /** Ready is how the first need stands that is not met, or the last of all. */
    Plan<AgentStep, AgentStatus> build(boolean all) {
        conditions.set(
                READY,
                all
                        ? Condition.Status.True
                        : decisive.status() == Condition.Status.True ? Condition.Status.False : decisive.status(),
                decisive.reason(),
                decisive.message());
        return new Plan<>(List.copyOf(steps), Optional.of(status(all)), again, false);
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
        if (tunnel.isEmpty()) {
            return last;
        }
        if (last == null) {
            return new Settings(1L, tunnel.get(), share);
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
        boolean first = before.account() == null
                && agent.refusal().isEmpty()
                && agent.edgeRefusal().isEmpty();
        boolean owns = first || handedOver();
        String account = owns ? agent.spec().account() : before.account();
        var agentJournal = new AgentJournal(agent);
        var journal = destroyed
                ? agentJournal.destroyed()
                : agent.deleting() ? new StatusJournal(before.journal()) : agentJournal.next(provisioned, all, account);
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

    private AgentStatus status(boolean all, boolean owns, String account, StatusJournal journal) {
        Optional<Server> server = agent.cloud().flatMap(c -> c.server().server());
        var frozen = agent.frozen();
        var edge = agent.edge().filter(_ -> frozen.isPresent());
        Optional<Volume> volume = agent.cloud()
                .map(c -> c.volumes())
                .filter(Seen.class::isInstance)
                .map(v -> ((Seen<List<Volume>>) v).value().getFirst());
        return new AgentStatus(
                agent.generation(),
                or(before.providerConfig(), agent.cloud().map(c -> c.provider())),
                account,
                owns ? StatusJournal.format(since(journal)) : before.accountSince(),
                edge.map(e -> e.url()).orElse(before.url()),
                or(before.hostname(), edge.map(e -> e.hostname())),
                frozen.map(f -> f.region().key()).orElse(before.region()),
                frozen.map(FrozenSpec::size).orElse(before.size()),
                frozen.map(FrozenSpec::image).orElse(before.image()),
                frozen.map(FrozenSpec::agentImage).orElse(before.agentImage()),
                frozen.map(FrozenSpec::revision).orElse(before.imageRevision()),
                frozen.map(_ -> AgentNames.frozenSecret(
                                agent.agent().getMetadata().getName()))
                        .orElse(before.frozenSecret()),
                serverGone() ? null : server.map(Server::id).orElse(before.serverId()),
                server.map(Server::name).orElse(before.serverName()),
                or(before.serverType(), server.map(s -> s.serverType().name())),
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
                state(server),
                before.provisionedAt() != null || !all ? before.provisionedAt() : now(),
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
