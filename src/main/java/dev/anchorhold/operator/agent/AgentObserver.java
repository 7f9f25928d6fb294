package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.CLOUDFLARE_NOT_CONFIGURED;
import static dev.anchorhold.resource.Reasons.DOOR_NOT_CONFIGURED;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.cloudflare.Configuration;
import dev.anchorhold.cloud.cloudflare.Marks;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.operator.Admission;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.CloudSessions;
import dev.anchorhold.operator.CloudflareSession;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Identity;
import dev.anchorhold.operator.Refusal;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Door;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.journal.Journal;
import dev.anchorhold.operator.server.Market;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerSight;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.OperatingMode;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.ProviderConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gathers what is known of one Agent: from the caches of our kinds, both clouds' inventories, and the door's. Calls nobody. */
final class AgentObserver {
    private final Fleet fleet;
    private final CloudSessions sessions;
    private final GuestDoor door;
    private final Books books;
    private final PowerNotes power;
    private final AgentNotes notes;
    private final InstantSource clock;

    AgentObserver(
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            Books books,
            PowerNotes power,
            AgentNotes notes,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.door = door;
        this.books = books;
        this.power = power;
        this.notes = notes;
        this.clock = clock;
    }

    AgentObservation observe(Agent agent, Optional<Departure> departure) {
        var admission = admission(agent);
        var status = status(agent);
        var frozen = notes.frozen(agent.getMetadata().getUid());
        boolean gone = new Journal(status.journal()).destroyed(); // then no cloud is looked at
        Optional<Cloud> cloud = admission
                .session()
                .filter(_ -> !gone)
                .flatMap(s -> admission.provider().map(p -> cloud(agent, p, s, frozen)));
        Optional<Edge> edge = edgeSession(admission)
                .filter(_ -> !gone)
                .flatMap(e -> admission
                        .session()
                        .map(s -> edge(agent, admission.provider().orElseThrow(), s, e)));
        return new AgentObservation(
                agent,
                clock.instant(),
                refusal(agent, admission),
                frozen,
                frozen.map(Frozen::agentImage)
                        .or(() -> Optional.ofNullable(status.agentImage()))
                        .flatMap(fleet::agentImage)
                        .map(i -> i.getSpec().revision()),
                cloud,
                edge,
                noEdge(admission),
                guest(agent),
                books.standing(agent.getMetadata().getUid()),
                departure);
    }

    Admission admission(Agent agent) {
        return Admission.of(
                fleet, sessions, agent.getSpec().account(), status(agent).providerConfig());
    }

    Optional<CloudflareSession> edgeSession(Admission admission) {
        return admission.providerName().flatMap(sessions.cloudflare()::get);
    }

    private static AgentStatus status(Agent agent) {
        return Optional.ofNullable(agent.getStatus()).orElse(AgentStatus.NONE);
    }

    // ---- may it be?

    private Optional<Refusal> refusal(Agent agent, Admission admission) {
        return admission
                .refusal()
                .or(() -> door.open().isPresent()
                        ? Optional.empty()
                        : Refusal.of(
                                DOOR_NOT_CONFIGURED,
                                "the operator was not told where the guest door is (anchorhold.companion.url and"
                                        + " anchorhold.door.url); no Agent can be provisioned"))
                .or(() -> status(agent).frozenSecret() == null ? cannotBeFrozen(agent, admission) : Optional.empty());
    }

    private Optional<Refusal> noEdge(Admission admission) {
        if (admission.provider().isEmpty()) {
            return Optional.empty();
        }
        return admission.provider().get().getSpec().cloudflare() == null
                ? Refusal.of(
                        CLOUDFLARE_NOT_CONFIGURED,
                        "ProviderConfig '%s' says nothing of Cloudflare (spec.cloudflare), so that Agents have no"
                                + " tunnel",
                        admission.providerName().orElseThrow())
                : sessions.cloudflare()
                        .whyNot(admission.providerName().orElseThrow())
                        .map(c -> new Refusal(c.reason(), c.message()));
    }

    /** What matters only until it is frozen: then it has its place. */
    private Optional<Refusal> cannotBeFrozen(Agent agent, Admission admission) {
        var quotas = admission.account().orElseThrow().getSpec().quotas();
        var kitchen = Recipe.of(agent, admission.provider().orElseThrow(), fleet);
        return admission
                .quota(quotas == null ? null : quotas.agents(), it -> fleet.hasRoom(agent, it), "Agents", "agents")
                .or(kitchen::refusal)
                .or(() -> kitchen.recipe().flatMap(r -> admission.size(r.size(), r.region())));
    }

    // ---- what is there

    private Cloud cloud(Agent agent, ProviderConfig provider, CloudSession session, Optional<Frozen> frozen) {
        var status = status(agent);
        String uid = agent.getMetadata().getUid();
        var inventory = session.inventory();
        var servers = inventory.servers(uid, known(agent, status.serverId()));
        var volumes = inventory.volumes(uid, known(agent, status.volumeId()));
        Optional<Volume> volume =
                volumes instanceof Seen<List<Volume>>(var all, var _) ? Optional.of(all.getFirst()) : Optional.empty();
        String location = volume.map(v -> v.location().name())
                .or(() -> frozen.map(f -> provider.getSpec().regions().location(f.region())))
                .orElse(status.location());
        boolean running = agent.getSpec().operatingMode() == OperatingMode.Running;
        List<Action> actions = new ArrayList<>(inventory.pending(uid));
        actions.addAll(inventory.pending(session.denyAll().name()));
        return new Cloud(
                provider.getMetadata().getName(),
                identity(agent, session),
                new ServerSight(
                        clock.instant(),
                        servers,
                        actions,
                        inventory.finished(uid),
                        session.setbacks().all(uid, agent.getMetadata().getGeneration()),
                        power.shutdownAsked(uid, running, servers)),
                session.denyAll().sighting(),
                volumes,
                volume.flatMap(inventory::serverOf),
                location,
                frozen.filter(_ -> running && servers instanceof Sighting.Absent<List<Server>>)
                        .flatMap(f -> market(status, f, location, provider, session)));
    }

    static Identity identity(Agent agent, CloudSession session) {
        return new Identity(
                session.installation(),
                AgentNames.KIND,
                agent.getMetadata().getUid(),
                agent.getMetadata().getName());
    }

    /** Of the type that it had first, for life; before that, of whichever candidate can be had. */
    private static Optional<Market> market(
            AgentStatus status, Frozen frozen, String location, ProviderConfig provider, CloudSession session) {
        List<String> types = status.serverType() != null
                ? List.of(status.serverType())
                : provider.getSpec()
                        .size(frozen.size())
                        .map(s -> s.candidates(frozen.region()))
                        .orElse(List.of());
        return Market.of(types, location, frozen.baseImage(), session);
    }

    private Edge edge(Agent agent, ProviderConfig provider, CloudSession session, CloudflareSession edge) {
        var status = status(agent);
        String uid = agent.getMetadata().getUid();
        var spec = provider.getSpec().cloudflare();
        String hostname = Optional.ofNullable(status.hostname())
                .orElseGet(() -> AgentNames.hostname(identity(agent, session), spec.domainOrZone()));
        var tunnels = edge.inventory().tunnels(uid, known(agent, status.tunnelId()));
        Sighting<Configuration> configuration = tunnels instanceof Seen<List<Tunnel>>(var all, var _)
                ? edge.inventory().configuration(all.getFirst().id())
                : new Sighting.Unknown<>("there is no tunnel", clock.instant());
        return new Edge(
                hostname,
                spec.url(hostname),
                Marks.comment(session.installation(), uid),
                tunnels,
                configuration,
                edge.inventory().records(uid, known(agent, status.dnsRecordId())),
                notes.rotatedFor(agent));
    }

    private Door guest(Agent agent) {
        String uid = agent.getMetadata().getUid();
        Sighting<Guest> guest = door.open()
                .map(o -> o.inventory().guest(uid))
                .orElseGet(() -> new Sighting.Unknown<>("there is no door", clock.instant()));
        long version =
                guest instanceof Seen<Guest>(var it, var _) && it.settingsVersion() != null ? it.settingsVersion() : 0;
        return new Door(
                guest,
                Math.max(version, notes.told(uid)),
                notes.waiting(uid, status(agent).settings()).isPresent());
    }

    /** What has lost our labels, or marks, while it is let go of is released already, not out of sight. */
    private static <T> Set<T> known(Agent agent, T id) {
        boolean beingReleased = agent.getMetadata().getDeletionTimestamp() != null
                && agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        return id == null || beingReleased ? Set.of() : Set.of(id);
    }
}
