package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.Ingress;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.cloudflare.TunnelConfiguration;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.operator.ObservationBuilder;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentObservation.GuestState;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImageSpec;
import dev.anchorhold.resource.AgentSpec;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.resource.Region;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Builder of observations for tests of the decider:
 * {@code new AgentObservationBuilder().whole().server(RUNNING).build()}.
 */
final class AgentObservationBuilder extends ObservationBuilder<AgentObservationBuilder> {
    static final CloudIdentity IDENTITY = new CloudIdentity("inst", "Agent", UID, "coder");
    static final long FIREWALL = 38;
    static final long VOLUME = 77;
    static final String TUNNEL = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";
    static final String HOST = "coder-5d1c5d64.agents.example.com";
    static final Ingress INGRESS = Ingress.to(HOST, "http://127.0.0.1:8080");
    static final FrozenSpec MADE_FROM =
            new FrozenSpec("r/coder@sha256:" + "1".repeat(64), "coder", 1, "debian-12", Region.EU, "small", 8080, null);
    static final AgentStatus.Settings SETTINGS = new AgentStatus.Settings(1L, TUNNEL, false);
    static final String DIGEST = "2".repeat(64);
    static final String COMMENT = "anchorhold inst " + UID;

    private AgentSpec.OperatingMode mode = AgentSpec.OperatingMode.Running;
    private AgentSpec.PausePolicy pausePolicy = AgentSpec.PausePolicy.PowerOff;
    private int sizeGiB = 10;
    private AdmissionRefusal volumeRefusal;
    private boolean shareLogs;
    private AgentStatus status;
    private AdmissionRefusal noEdge;
    private FrozenSpec frozen = MADE_FROM;
    private AgentImageSpec published = new AgentImageSpec("r/coder", "sha256:" + "1".repeat(64), 1L, null);
    private Sighting<Firewall> denyAll = new Sighting.Absent<>(NOW);
    private Sighting<List<Volume>> volumes = new Sighting.Absent<>(NOW);
    private Long volumeServer;
    private Sighting<List<Tunnel>> tunnels = new Sighting.Absent<>(NOW);
    private Sighting<TunnelConfiguration> configuration = new Sighting.Unknown<>("not read", NOW);
    private Sighting<List<DnsRecord>> records = new Sighting.Absent<>(NOW);
    private String rotatedFor;
    private AdmissionRefusal uncovered;
    private Sighting<Guest> guest = new Sighting.Absent<>(NOW);
    private long settingsVersion;
    private boolean deposited;
    private AdoptionObservation<AgentStep> adoption;
    private boolean mayReplaceSilent = true;
    private Instant made = NOW;
    private String systemImage = "debian-12";
    private String prepared;

    AgentObservationBuilder() {
        status = with(AgentStatus.NONE, s -> s.put("providerConfig", "local").put("frozenDigest", DIGEST));
    }

    /** Everything but a server and its guest is there and right, and on record. */
    AgentObservationBuilder prepared() {
        status = with(
                status,
                s -> s.put("providerConfig", "local")
                        .put("account", "acme")
                        .put("accountSince", "2026-11-24T11:00:00Z")
                        .put("frozenSecret", "coder-frozen")
                        .put("image", MADE_FROM.image())
                        .put("agentImage", "coder")
                        .put("imageRevision", 1)
                        .put("volumeId", VOLUME)
                        .put("tunnelId", TUNNEL)
                        .putPOJO("settings", SETTINGS));
        return firewall(RuleSet.EMPTY)
                .volume(10, null)
                .tunnel(Tunnel.Status.INACTIVE)
                .configured(INGRESS)
                .record(TUNNEL);
    }

    /** Its server runs, and its guest has just reported. */
    AgentObservationBuilder whole() {
        prepared().server(Server.Status.RUNNING).volume(10, SERVER).tunnel(Tunnel.Status.HEALTHY);
        return reported(NOW.minusSeconds(20));
    }

    /** It has been ready like this once. */
    AgentObservationBuilder provisioned() {
        status = with(
                status,
                s -> s.put("provisionedAt", "2026-11-24T11:00:00Z")
                        .put("serverId", SERVER)
                        .put("serverType", "cx23"));
        return this;
    }

    AgentObservationBuilder status(UnaryOperator<com.fasterxml.jackson.databind.node.ObjectNode> change) {
        status = with(status, change);
        return this;
    }

    private static AgentStatus with(
            AgentStatus status, UnaryOperator<com.fasterxml.jackson.databind.node.ObjectNode> change) {
        var json = new com.fasterxml.jackson.databind.ObjectMapper();
        return json.convertValue(change.apply(json.valueToTree(status)), AgentStatus.class);
    }

    AgentObservationBuilder last(AgentStatus last) {
        status = last;
        return this;
    }

    AgentObservationBuilder neverSeen() {
        status = null;
        return this;
    }

    AgentObservationBuilder rotatedFor(String name) {
        rotatedFor = name;
        return this;
    }

    AgentObservationBuilder paused(AgentSpec.PausePolicy how) {
        mode = AgentSpec.OperatingMode.Paused;
        pausePolicy = how;
        return this;
    }

    AgentObservationBuilder shareLogs() {
        shareLogs = true;
        return this;
    }

    AgentObservationBuilder size(int gib) {
        sizeGiB = gib;
        return this;
    }

    AgentObservationBuilder noEdge(String reason) {
        noEdge = new AdmissionRefusal(reason, "because");
        return this;
    }

    AgentObservationBuilder uncovered() {
        uncovered = new AdmissionRefusal(Reasons.DOMAIN_NOT_COVERED, "because");
        return this;
    }

    AgentObservationBuilder notFrozen() {
        frozen = null;
        return this;
    }

    AgentObservationBuilder inputsChecked() {
        prepared = DIGEST;
        return this;
    }

    AgentObservationBuilder published(String digit, long revision) {
        published = new AgentImageSpec("r/coder", "sha256:" + digit.repeat(64), revision, null);
        return this;
    }

    AgentObservationBuilder notPublished() {
        published = null;
        return this;
    }

    AgentObservationBuilder unknown(Instant since) {
        servers = new Sighting.Unknown<>("not listed yet", since);
        return this;
    }

    AgentObservationBuilder doorUnknown(Instant since) {
        guest = new Sighting.Unknown<>("no answer", since);
        return this;
    }

    AgentObservationBuilder firewall(RuleSet rules) {
        denyAll = new Sighting.Seen<>(new Firewall(FIREWALL, "deny-all", Map.of(), NOW, rules, List.of()), NOW);
        return this;
    }

    AgentObservationBuilder volume(int gib, Long server) {
        volumes = new Sighting.Seen<>(List.of(aVolume(VOLUME, gib, server)), NOW);
        volumeServer = server;
        return this;
    }

    AgentObservationBuilder twoVolumes() {
        volumes = new Sighting.Seen<>(List.of(aVolume(1, 10, null), aVolume(2, 10, null)), NOW);
        return this;
    }

    AgentObservationBuilder noRoomForVolume() {
        volumeRefusal = new AdmissionRefusal(Reasons.QUOTA_EXCEEDED, "no room");
        return this;
    }

    AgentObservationBuilder noVolume() {
        volumes = new Sighting.Absent<>(NOW);
        volumeServer = null;
        return this;
    }

    private static Volume aVolume(long id, int gib, Long server) {
        return new Volume(
                id,
                IDENTITY.volumeName(),
                Volume.Status.AVAILABLE,
                NOW,
                server,
                new Server.Ref(3, "hel1"),
                gib,
                "/dev/disk/by-id/scsi-0HC_Volume_" + id,
                null,
                IDENTITY.labels());
    }

    AgentObservationBuilder tunnel(Tunnel.Status how) {
        tunnels = new Sighting.Seen<>(List.of(new Tunnel(TUNNEL, "t", how, "cloudflare", NOW, null, null)), NOW);
        return this;
    }

    AgentObservationBuilder noTunnel() {
        tunnels = new Sighting.Absent<>(NOW);
        return this;
    }

    AgentObservationBuilder configured(Ingress ingress) {
        configuration = new Sighting.Seen<>(new TunnelConfiguration(1, ingress), NOW);
        return this;
    }

    AgentObservationBuilder configurationUnread() {
        configuration = new Sighting.Unknown<>("not read yet", NOW);
        return this;
    }

    AgentObservationBuilder record(String tunnel) {
        records = new Sighting.Seen<>(
                List.of(new DnsRecord("r1", HOST, "CNAME", tunnel + ".cfargotunnel.com", true, 1, COMMENT)), NOW);
        return this;
    }

    AgentObservationBuilder noRecord() {
        records = new Sighting.Absent<>(NOW);
        return this;
    }

    AgentObservationBuilder server(Server.Status power) {
        return server(power, new Server.Attached(FIREWALL, "applied"));
    }

    AgentObservationBuilder server(Server.Status power, Server.Attached... firewalls) {
        servers = new Sighting.Seen<>(
                List.of(new Server(
                        SERVER,
                        IDENTITY.serverName(),
                        power,
                        made,
                        new Server.PublicNet(null, null, List.of(firewalls), List.of()),
                        new Server.Ref(114, "cx23"),
                        new Server.Ref(3, "hel1"),
                        new Server.Ref(7, systemImage),
                        false,
                        null,
                        IDENTITY.labels(),
                        List.of(),
                        false,
                        null,
                        null,
                        null,
                        List.of(),
                        List.of())),
                NOW);
        return this;
    }

    /** Its server was made then; to be said before the server is. */
    AgentObservationBuilder made(Instant when) {
        made = when;
        return this;
    }

    /** From a snapshot or a backup; to be said before the server is. */
    AgentObservationBuilder fromASnapshot() {
        systemImage = null;
        return this;
    }

    /** Another server was replaced for silence a moment ago. */
    AgentObservationBuilder anotherWasReplaced() {
        mayReplaceSilent = false;
        return this;
    }

    /** This process is about to freeze what has that digest. */
    AgentObservationBuilder aboutToFreeze(String digest) {
        frozen = null;
        prepared = digest;
        return this;
    }

    AgentObservationBuilder deposited() {
        deposited = true;
        return this;
    }

    /** Its deposit was made then, holds for fifteen minutes, and nobody came in. */
    AgentObservationBuilder awaited(Instant depositedAt) {
        guest = new Sighting.Seen<>(
                new Guest(UID, depositedAt, depositedAt.plus(Duration.ofMinutes(15)), null, null, null, null, 1L, null),
                NOW);
        this.settingsVersion = 1;
        return this;
    }

    AgentObservationBuilder reported(Instant when) {
        return reported(when, true, List.of(), true, MADE_FROM.image(), 1L);
    }

    AgentObservationBuilder reported(
            Instant when,
            boolean firewallHolds,
            List<Integer> reachable,
            boolean containerRuns,
            String image,
            long settingsVersion) {
        Instant deposited = when.minusSeconds(60);
        var report = new GuestReport(
                "boot-1",
                when,
                "0",
                new GuestReport.Container(containerRuns, image, 0),
                new GuestReport.Volume(true, 1, 1),
                new GuestReport.Connector(true, true),
                new GuestReport.Firewall(firewallHolds, reachable),
                List.of(new GuestReport.Problem("image", "pulling")),
                settingsVersion);
        guest = new Sighting.Seen<>(
                new Guest(
                        UID,
                        deposited,
                        deposited.plus(Duration.ofMinutes(15)),
                        deposited.plusSeconds(30),
                        "hash",
                        when,
                        report,
                        1L,
                        null),
                NOW);
        this.settingsVersion = 1;
        return this;
    }

    /** It came in then, and has not reported since. */
    AgentObservationBuilder redeemed(Instant when) {
        guest = new Sighting.Seen<>(
                new Guest(
                        UID,
                        when.minusSeconds(60),
                        when.plus(Duration.ofMinutes(14)),
                        when,
                        "hash",
                        null,
                        null,
                        1L,
                        null),
                NOW);
        this.settingsVersion = 1;
        return this;
    }

    AgentObservationBuilder adoption(AdoptionObservation<AgentStep> it) {
        adoption = it;
        return this;
    }

    AgentObservation build() {
        var agent = new Agent();
        agent.setMetadata(metadata("coder"));
        agent.setSpec(new AgentSpec(
                account,
                Region.EU,
                "small",
                "coder",
                null,
                null,
                null,
                mode,
                new AgentSpec.DataVolume(sizeGiB),
                pausePolicy,
                null,
                shareLogs,
                policy));
        agent.setStatus(status);
        var cloud = new Cloud(
                "local",
                Optional.of(PROJECT),
                IDENTITY,
                serverObservation(),
                denyAll,
                volumes,
                Optional.ofNullable(volumeServer),
                "hel1",
                Optional.of(new ServerTypeCandidates("hel1", candidates)));
        var edge = new Edge(
                HOST,
                "https://" + HOST,
                "zone-1",
                COMMENT,
                Optional.ofNullable(uncovered),
                tunnels,
                configuration,
                records,
                Optional.ofNullable(rotatedFor));
        return new AgentObservation(
                agent,
                NOW,
                Optional.ofNullable(refusal),
                Optional.ofNullable(volumeRefusal),
                Optional.ofNullable(frozen),
                Optional.ofNullable(prepared)
                        .or(() -> Optional.ofNullable(frozen).map(_ -> DIGEST)),
                Optional.ofNullable(published),
                cloudKnown ? Optional.of(cloud) : Optional.empty(),
                cloudKnown && noEdge == null ? Optional.of(edge) : Optional.empty(),
                Optional.ofNullable(noEdge),
                Optional.ofNullable(adoption),
                new GuestState(guest, settingsVersion, deposited, mayReplaceSilent),
                Optional.ofNullable(delivery),
                Optional.ofNullable(deletionCheck));
    }
}
