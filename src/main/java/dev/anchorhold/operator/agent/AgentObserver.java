package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.CLOUDFLARE_NOT_CONFIGURED;
import static dev.anchorhold.resource.Reasons.DOOR_NOT_CONFIGURED;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.cloudflare.CloudflareOwnership;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.cloudflare.TunnelConfiguration;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentObservation.GuestState;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.AccountAdmission;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
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

/**
 * Builds the {@link AgentObservation} of one Agent from the informer caches and the inventories of both clouds and the
 * door. Makes no call.
 */
final class AgentObserver {
    private final Fleet fleet;
    private final CloudSessions sessions;
    private final GuestDoor door;
    private final JournalSink journalSink;
    private final ShutdownTracker shutdowns;
    private final AgentCache cache;
    private final InstantSource clock;

    AgentObserver(
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            JournalSink journalSink,
            ShutdownTracker shutdowns,
            AgentCache cache,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.door = door;
        this.journalSink = journalSink;
        this.shutdowns = shutdowns;
        this.cache = cache;
        this.clock = clock;
    }

    AgentObservation observe(Agent agent, Optional<DeletionCheck> deletionCheck) {
        var admission = admission(agent);
        var status = status(agent);
        var frozen = cache.frozen(agent.getMetadata().getUid());
        boolean destroyed = new StatusJournal(status.journal()).destroyed(); // then no cloud is read
        Optional<Cloud> cloud = admission
                .session()
                .filter(_ -> !destroyed)
                .flatMap(s -> admission.provider().map(p -> cloud(agent, p, s, frozen)));
        Optional<Edge> edge = edgeSession(admission)
                .filter(_ -> !destroyed)
                .flatMap(e -> admission
                        .session()
                        .map(s -> edge(agent, admission.provider().orElseThrow(), s, e)));
        return new AgentObservation(
                agent,
                clock.instant(),
                refusal(agent, admission),
                frozen,
                frozen.map(FrozenSpec::agentImage)
                        .or(() -> Optional.ofNullable(status.agentImage()))
                        .flatMap(fleet::agentImage)
                        .map(i -> i.getSpec().revision()),
                cloud,
                edge,
                noEdge(admission),
                guest(agent),
                journalSink.deliveryStatus(agent.getMetadata().getUid()),
                deletionCheck);
    }

    AccountAdmission admission(Agent agent) {
        return AccountAdmission.of(
                fleet, sessions, agent.getSpec().account(), status(agent).providerConfig());
    }

    Optional<CloudflareSession> edgeSession(AccountAdmission admission) {
        return admission.providerName().flatMap(sessions.cloudflare()::get);
    }

    private static AgentStatus status(Agent agent) {
        return Optional.ofNullable(agent.getStatus()).orElse(AgentStatus.NONE);
    }

    // ---- may it be?

    private Optional<AdmissionRefusal> refusal(Agent agent, AccountAdmission admission) {
        return admission
                .refusal()
                .or(() -> door.connection().isPresent()
                        ? Optional.empty()
                        : AdmissionRefusal.of(
                                DOOR_NOT_CONFIGURED,
                                "the operator was not told where the guest door is (anchorhold.companion.url and"
                                        + " anchorhold.door.url); no Agent can be provisioned"))
                .or(() -> status(agent).frozenSecret() == null ? cannotBeFrozen(agent, admission) : Optional.empty());
    }

    private Optional<AdmissionRefusal> noEdge(AccountAdmission admission) {
        if (admission.provider().isEmpty()) {
            return Optional.empty();
        }
        return admission.provider().get().getSpec().cloudflare() == null
                ? AdmissionRefusal.of(
                        CLOUDFLARE_NOT_CONFIGURED,
                        "ProviderConfig '%s' says nothing of Cloudflare (spec.cloudflare), so that Agents have no"
                                + " tunnel",
                        admission.providerName().orElseThrow())
                : sessions.cloudflare()
                        .whyUnusable(admission.providerName().orElseThrow())
                        .map(c -> new AdmissionRefusal(c.reason(), c.message()));
    }

    /** What matters only until it is frozen: then it has its place. */
    private Optional<AdmissionRefusal> cannotBeFrozen(Agent agent, AccountAdmission admission) {
        var quotas = admission.account().orElseThrow().getSpec().quotas();
        var resolution = ProvisioningInputs.resolve(agent, admission.provider().orElseThrow(), fleet);
        return admission
                .checkQuota(quotas == null ? null : quotas.agents(), it -> fleet.hasRoom(agent, it), "Agents", "agents")
                .or(resolution::refusal)
                .or(() -> resolution.inputs().flatMap(r -> admission.checkSize(r.size(), r.region())));
    }

    // ---- what is there

    private Cloud cloud(Agent agent, ProviderConfig provider, HetznerSession session, Optional<FrozenSpec> frozen) {
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
        List<Action> actions = new ArrayList<>(inventory.unfinishedActions(uid));
        actions.addAll(inventory.unfinishedActions(session.denyAllFirewall().name()));
        return new Cloud(
                provider.getMetadata().getName(),
                identity(agent, session),
                new ServerObservation(
                        clock.instant(),
                        servers,
                        actions,
                        inventory.lastSuccess(uid),
                        session.backoff().blockingAll(uid, agent.getMetadata().getGeneration()),
                        shutdowns.shutdownRequestedAt(uid, running, servers)),
                session.denyAllFirewall().sighting(),
                volumes,
                volume.flatMap(inventory::serverOf),
                location,
                frozen.filter(_ -> running && servers instanceof Sighting.Absent<List<Server>>)
                        .flatMap(f -> candidates(status, f, location, provider, session)));
    }

    static CloudIdentity identity(Agent agent, HetznerSession session) {
        return new CloudIdentity(
                session.installation(),
                AgentNames.KIND,
                agent.getMetadata().getUid(),
                agent.getMetadata().getName());
    }

    /** Of the type that it had first, for life; before that, of whichever candidate can be had. */
    private static Optional<ServerTypeCandidates> candidates(
            AgentStatus status, FrozenSpec frozen, String location, ProviderConfig provider, HetznerSession session) {
        List<String> types = status.serverType() != null
                ? List.of(status.serverType())
                : provider.getSpec()
                        .size(frozen.size())
                        .map(s -> s.candidates(frozen.region()))
                        .orElse(List.of());
        return ServerTypeCandidates.of(types, location, frozen.baseImage(), session);
    }

    private Edge edge(Agent agent, ProviderConfig provider, HetznerSession session, CloudflareSession edge) {
        var status = status(agent);
        String uid = agent.getMetadata().getUid();
        var spec = provider.getSpec().cloudflare();
        String hostname = Optional.ofNullable(status.hostname())
                .orElseGet(() -> AgentNames.hostname(identity(agent, session), spec.domainOrZone()));
        var tunnels = edge.inventory().tunnels(uid, known(agent, status.tunnelId()));
        Sighting<TunnelConfiguration> configuration = tunnels instanceof Seen<List<Tunnel>>(var all, var _)
                ? edge.inventory().configuration(all.getFirst().id())
                : new Sighting.Unknown<>("there is no tunnel", clock.instant());
        return new Edge(
                hostname,
                spec.url(hostname),
                CloudflareOwnership.comment(session.installation(), uid),
                tunnels,
                configuration,
                edge.inventory().records(uid, known(agent, status.dnsRecordId())),
                cache.rotatedFor(agent));
    }

    private GuestState guest(Agent agent) {
        String uid = agent.getMetadata().getUid();
        Sighting<Guest> guest = door.connection()
                .map(o -> o.inventory().guest(uid))
                .orElseGet(() -> new Sighting.Unknown<>("there is no door", clock.instant()));
        long version =
                guest instanceof Seen<Guest>(var it, var _) && it.settingsVersion() != null ? it.settingsVersion() : 0;
        return new GuestState(
                guest,
                Math.max(version, cache.settingsVersion(uid)),
                cache.pendingDeposit(uid, status(agent).settings()).isPresent());
    }

    /** What has lost our labels, or marks, while it is being released is released already, not unknown. */
    private static <T> Set<T> known(Agent agent, T id) {
        boolean beingReleased = agent.getMetadata().getDeletionTimestamp() != null
                && agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        return id == null || beingReleased ? Set.of() : Set.of(id);
    }
}
