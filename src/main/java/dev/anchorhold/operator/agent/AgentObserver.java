package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.CLOUDFLARE_NOT_CONFIGURED;
import static dev.anchorhold.resource.Reasons.DOOR_NOT_CONFIGURED;
import static dev.anchorhold.resource.Reasons.QUOTA_EXCEEDED;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.cloudflare.CloudflareOwnership;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.cloudflare.TunnelConfiguration;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.adoption.AdoptionObserver;
import dev.anchorhold.operator.adoption.Predecessors;
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
import dev.anchorhold.operator.pipeline.DeletionTargets;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentSpec.OperatingMode;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Region;
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
    private final AdoptionObserver adoptions;
    private final InstantSource clock;

    AgentObserver(
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            JournalSink journalSink,
            ShutdownTracker shutdowns,
            AgentCache cache,
            Predecessors predecessors,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.door = door;
        this.journalSink = journalSink;
        this.shutdowns = shutdowns;
        this.cache = cache;
        this.adoptions = new AdoptionObserver(fleet, journalSink, predecessors);
        this.clock = clock;
    }

    AgentObservation observe(Agent agent, Optional<DeletionCheck> deletionCheck) {
        var admission = admission(agent);
        var status = status(agent);
        var frozen = cache.frozen(agent.getMetadata().getUid());
        boolean destroyed = new StatusJournal(status.journal()).destroyed(); // then no cloud is read
        Optional<AdmissionRefusal> closed = closedTo(agent, admission);
        boolean admitted = closed.isEmpty() || status.providerConfig() != null; // until then none is on its record
        Optional<Cloud> cloud = admission
                .session()
                .filter(_ -> !destroyed && admitted)
                .flatMap(s -> admission.provider().map(p -> cloud(agent, p, s, frozen)));
        Optional<Edge> edge = edgeSession(admission)
                .filter(_ -> !destroyed && admitted)
                .flatMap(e -> admission
                        .session()
                        .map(s -> edge(agent, admission.provider().orElseThrow(), s, e)));
        return new AgentObservation(
                agent,
                clock.instant(),
                admission.refusal().or(() -> closed).or(() -> refusal(agent, admission)),
                status.frozenSecret() == null ? Optional.empty() : volumeRefusal(agent, admission),
                frozen,
                cache.frozenDigest(agent),
                frozen.map(FrozenSpec::agentImage)
                        .or(() -> Optional.ofNullable(status.agentImage()))
                        .flatMap(fleet::agentImage)
                        .map(AgentImage::getSpec),
                cloud,
                edge,
                noEdge(admission),
                cloud.flatMap(c -> edge.flatMap(e -> AdoptionObserver.pending(agent, status.adoption())
                        .map(from -> adoption(
                                agent,
                                c,
                                e,
                                admission.session().orElseThrow(),
                                edgeSession(admission).orElseThrow(),
                                from)))),
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

    private AdoptionObservation<AgentStep> adoption(
            Agent agent, Cloud cloud, Edge edge, HetznerSession session, CloudflareSession atEdge, String from) {
        var spec = agent.getSpec();
        boolean clone = spec.cloneOf() != null;
        var wanted = new AdoptionObservation.Wanted(
                AgentNames.KIND,
                spec.account(),
                clone
                        ? null
                        : Optional.ofNullable(spec.region()).orElse(Region.EU).key(),
                clone ? null : spec.size());
        List<AdoptionObservation.Left<AgentStep>> left = List.of(
                AdoptionObserver.servers(session, AgentNames.KIND, from, AgentStep.OnAdoption::new),
                AdoptionObserver.volumes(session, AgentNames.KIND, from, AgentStep.OnAdoption::new),
                AdoptionObserver.left(
                        "tunnel",
                        true,
                        atEdge.inventory().tunnels(from, Set.of()),
                        _ -> true,
                        t -> new AgentStep.TakeTunnel(t.id(), from)),
                AdoptionObserver.left(
                        "record",
                        true,
                        atEdge.inventory().records(from, Set.of()),
                        _ -> true,
                        r -> new AgentStep.TakeRecord(r, from)));
        return adoptions.observe(
                agent,
                from,
                status(agent).adoption(),
                wanted,
                List.of(
                        AdoptionObserver.own("server", cloud.server().servers(), Server::id),
                        AdoptionObserver.own("volume", cloud.volumes(), Volume::id),
                        AdoptionObserver.own("tunnel", edge.tunnels(), Tunnel::id),
                        AdoptionObserver.own("record", edge.records(), DnsRecord::name)),
                left,
                adoptions.predecessors().guestKept(from).isPresent()
                        ? List.of()
                        : List.of(new AgentStep.TakeGuest(from)));
    }

    // ---- may it be?

    /** Why its account does not take it, if it is new to it. */
    private static Optional<AdmissionRefusal> closedTo(Agent agent, AccountAdmission admission) {
        var status = status(agent);
        boolean known = status.providerConfig() != null
                && (status.account() == null
                        || status.account().equals(agent.getSpec().account()));
        return known
                        || agent.getMetadata().getDeletionTimestamp() != null
                        || admission.account().isEmpty()
                ? Optional.empty()
                : admission.checkOpenTo(agent.getMetadata().getNamespace());
    }

    private Optional<AdmissionRefusal> refusal(Agent agent, AccountAdmission admission) {
        return admission
                .refusal()
                .or(() -> door.connection().isPresent()
                        ? Optional.empty()
                        : AdmissionRefusal.of(
                                DOOR_NOT_CONFIGURED,
                                "the operator was not told where the guest door is (anchorhold.companion.url and"
                                        + " anchorhold.door.url); no Agent can be provisioned"))
                .or(() -> status(agent).frozenSecret() != null || takesOver(agent)
                        ? Optional.empty()
                        : cannotBeFrozen(agent, admission));
    }

    /**
     * It is to take over what stands and is paid for, or did. Then its frozen Secret may be there already, which needs none of what it was made
     * from: no original, no AgentImage. Where it is not, the step that looks for it says what is missing.
     */
    private static boolean takesOver(Agent agent) {
        return status(agent).adoption() != null
                || AdoptionObserver.pending(agent, null).isPresent();
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
        Integer quota = quotas == null ? null : quotas.agents();
        return admission
                .checkQuota(quota, it -> fleet.hasRoom(agent, it), "Agents", "agents")
                .or(() -> AccountAdmission.checkDomain(admission.provider().orElseThrow()))
                .or(resolution::refusal)
                .or(() -> resolution.inputs().flatMap(r -> admission.checkSize(r.size(), r.region())))
                .or(() -> volumeRefusal(agent, admission));
    }

    private Optional<AdmissionRefusal> volumeRefusal(Agent agent, AccountAdmission admission) {
        if (admission.account().isEmpty()) {
            return Optional.empty();
        }
        var quotas = admission.account().get().getSpec().quotas();
        int wanted = agent.getSpec().dataVolume().sizeGiB();
        Integer quota = quotas == null ? null : quotas.volumeGiB();
        return fleet.hasRoomForVolume(agent, wanted, quota)
                ? Optional.empty()
                : AdmissionRefusal.of(
                        QUOTA_EXCEEDED,
                        "Account '%s' may have %d GiB in data volumes (spec.quotas.volumeGiB), and they do not suffice for one of %d"
                                + " GiB beside those of its other Agents; delete one, or have the quota raised",
                        admission.accountName(),
                        quota,
                        wanted);
    }

    // ---- what is there

    private Cloud cloud(Agent agent, ProviderConfig provider, HetznerSession session, Optional<FrozenSpec> frozen) {
        var status = status(agent);
        String uid = agent.getMetadata().getUid();
        var inventory = session.inventory();
        boolean leaving = agent.getMetadata().getDeletionTimestamp() != null;
        var serverIds = known(agent, status.serverId());
        var volumeIds = known(agent, status.volumeId());
        var identity = identity(agent, session);
        boolean deleted = leaving && agent.getSpec().deletionPolicy() != DeletionPolicy.Orphan;
        var allServers = inventory.servers(uid, leaving ? inventory.withoutOthersServers(uid, serverIds) : serverIds);
        var allVolumes = inventory.volumes(uid, leaving ? inventory.withoutOthersVolumes(uid, volumeIds) : volumeIds);
        var servers = deleted
                ? DeletionTargets.of(allServers, "server", serverIds, identity.serverName(), Server::id, Server::name)
                : allServers;
        var volumes = deleted
                ? DeletionTargets.of(allVolumes, "volume", volumeIds, identity.volumeName(), Volume::id, Volume::name)
                : allVolumes;
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
                session.sealedKey().confirmedId(),
                identity,
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

    /**
     * Of the type that it had first, for life, and on the base image that it was frozen with; before that, of whichever candidate can be
     * had. What the cloud has retired is followed by what its ProviderConfig names today: a way to the volume is never barred for ever.
     */
    private static Optional<ServerTypeCandidates> candidates(
            AgentStatus status, FrozenSpec frozen, String location, ProviderConfig provider, HetznerSession session) {
        List<String> ofSize = provider.getSpec()
                .size(frozen.size())
                .map(s -> s.candidates(frozen.region()))
                .orElse(List.of());
        List<String> types = status.serverType() == null
                ? ofSize
                : ServerTypeCandidates.untilRetired(
                        status.serverType(),
                        ofSize,
                        location,
                        session.inventory().catalogue());
        return ServerTypeCandidates.of(
                types, location, List.of(frozen.baseImage(), provider.getSpec().agentBaseImage()), session);
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
                edge.zone().id(),
                CloudflareOwnership.comment(session.installation(), uid),
                AccountAdmission.checkDomain(provider),
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
                cache.pendingDeposit(uid, status(agent).settings()).isPresent(),
                cache.mayReplaceSilent());
    }

    /** What has lost our labels, or marks, while it is being released is released already, not unknown. */
    private static <T> Set<T> known(Agent agent, T id) {
        boolean beingReleased = agent.getMetadata().getDeletionTimestamp() != null
                && agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        return id == null || beingReleased ? Set.of() : Set.of(id);
    }
}
