package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.FirewallRule;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.backoff.FailureBackoff.Failure;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.ManagedFields;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmObservation.WantedFirewall;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.operator.server.ServerTypeCandidates.Candidate;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.Region;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Observations to decide from, told in a few words: {@code new PlainVmObservationBuilder().firewall().server(RUNNING).see()}. */
final class PlainVmObservationBuilder {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    static final String UID = "5d1c5d64-7a3e-4a53-9b0f-0d4b1a2c3e4f";
    static final CloudIdentity IDENTITY = new CloudIdentity("inst", "PlainVm", UID, "web");
    static final RuleSet SSH = RuleSet.of(List.of(FirewallRule.inbound("tcp", "22", List.of("0.0.0.0/0", "::/0"), "")));
    static final long FIREWALL = 38;
    static final long SERVER = 4711;

    private PlainVmSpec.OperatingMode mode = PlainVmSpec.OperatingMode.Running;
    private String account = "acme";
    private DeletionPolicy policy = DeletionPolicy.Delete;
    private PlainVmSpec.Recreate recreate = PlainVmSpec.Recreate.Never;
    private PlainVmStatus status = statusOf(null, null);
    private boolean deleting;
    private final Map<String, String> annotations = new HashMap<>();
    private AdmissionRefusal refusal;
    private boolean cloudKnown = true;
    private Sighting<List<Server>> servers = new Sighting.Absent<>(NOW);
    private Sighting<Firewall> firewall = new Sighting.Absent<>(NOW);
    private final List<Firewall> leftovers = new ArrayList<>();
    private final List<Action> actions = new ArrayList<>();
    private final Map<String, Instant> finished = new HashMap<>();
    private DeliveryStatus books;
    private final List<ManagedFieldsEntry> managed = new ArrayList<>();
    private final Map<String, Failure> setbacks = new HashMap<>();
    private Instant shutdownAsked;
    private List<Candidate> candidates = List.of(new Candidate("cx23", true, "available", Optional.of(7L)));
    private DeletionCheck deletionCheck;

    static PlainVmStatus statusOf(Long serverId, String provisionedAt) {
        return new PlainVmStatus(
                1L,
                "local",
                serverId,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                provisionedAt,
                null,
                List.of(),
                List.of());
    }

    PlainVmObservationBuilder account(String name) {
        account = name;
        return this;
    }

    PlainVmObservationBuilder stopped() {
        mode = PlainVmSpec.OperatingMode.Stopped;
        return this;
    }

    PlainVmObservationBuilder orphan() {
        policy = DeletionPolicy.Orphan;
        return this;
    }

    PlainVmObservationBuilder recreate() {
        recreate = PlainVmSpec.Recreate.WhenLost;
        return this;
    }

    PlainVmObservationBuilder neverSeen() {
        status = null;
        return this;
    }

    PlainVmObservationBuilder provisioned() {
        status = statusOf(SERVER, "2026-11-24T11:00:00Z");
        return this;
    }

    PlainVmObservationBuilder status(PlainVmStatus last) {
        status = last;
        return this;
    }

    PlainVmObservationBuilder deleting() {
        deleting = true;
        return this;
    }

    PlainVmObservationBuilder annotated(String name) {
        annotations.put(name, "true");
        return this;
    }

    PlainVmObservationBuilder refused(String reason) {
        refusal = new AdmissionRefusal(reason, "because");
        return this;
    }

    PlainVmObservationBuilder noCloud() {
        cloudKnown = false;
        return this;
    }

    PlainVmObservationBuilder unknown(Instant since) {
        servers = new Sighting.Unknown<>("not listed yet", since);
        firewall = new Sighting.Unknown<>("not listed yet", since);
        return this;
    }

    PlainVmObservationBuilder firewallUnknown(Instant since) {
        firewall = new Sighting.Unknown<>("not listed yet", since);
        return this;
    }

    PlainVmObservationBuilder firewall() {
        return firewall(SSH);
    }

    PlainVmObservationBuilder firewall(RuleSet rules) {
        firewall = new Sighting.Seen<>(aFirewall(FIREWALL, rules, IDENTITY.labels()), NOW);
        return this;
    }

    static Firewall aFirewall(long id, RuleSet rules, Map<String, String> labels) {
        return new Firewall(id, "fw-" + id, labels, NOW, rules, List.of());
    }

    PlainVmObservationBuilder leftover(long id) {
        leftovers.add(aFirewall(id, SSH, IDENTITY.labels()));
        return this;
    }

    PlainVmObservationBuilder server(Server.Status power) {
        return server(power, new Server.Attached(FIREWALL, "applied"));
    }

    PlainVmObservationBuilder server(Server.Status power, Server.Attached... firewalls) {
        servers = new Sighting.Seen<>(List.of(aServer(SERVER, power, firewalls)), NOW);
        return this;
    }

    /** Everything seen so far was seen then. */
    PlainVmObservationBuilder seenAt(Instant asOf) {
        servers = new Sighting.Seen<>(((Sighting.Seen<List<Server>>) servers).value(), asOf);
        return this;
    }

    PlainVmObservationBuilder twoServers() {
        servers =
                new Sighting.Seen<>(List.of(aServer(1, Server.Status.RUNNING), aServer(2, Server.Status.RUNNING)), NOW);
        return this;
    }

    static Server aServer(long id, Server.Status power, Server.Attached... firewalls) {
        return aServer(id, Instant.parse("2026-11-24T11:00:00Z"), power, firewalls);
    }

    /** Another server than the one before. */
    PlainVmObservationBuilder anotherServer(Instant created) {
        servers = new Sighting.Seen<>(
                List.of(aServer(SERVER + 1, created, Server.Status.RUNNING, new Server.Attached(FIREWALL, "applied"))),
                NOW);
        return this;
    }

    PlainVmObservationBuilder noServer() {
        servers = new Sighting.Absent<>(NOW);
        return this;
    }

    private static Server aServer(long id, Instant created, Server.Status power, Server.Attached... firewalls) {
        return new Server(
                id,
                IDENTITY.serverName(),
                power,
                created,
                new Server.PublicNet(
                        new Server.PublicIp(1, "203.0.113.7"),
                        new Server.PublicIp(2, "2001:db8:aa:1::/64"),
                        List.of(firewalls)),
                new Server.Ref(114, "cx23"),
                new Server.Ref(3, "hel1"),
                new Server.Ref(7, "debian-12"),
                false,
                null,
                IDENTITY.labels(),
                List.of());
    }

    PlainVmObservationBuilder running(String command) {
        actions.add(new Action(1, command, Action.Status.RUNNING, NOW, null, null, List.of()));
        return this;
    }

    PlainVmObservationBuilder failed(String command, Instant finished) {
        actions.add(new Action(
                1,
                command,
                Action.Status.ERROR,
                NOW,
                finished,
                new Action.Failure("action_failed", "no"),
                List.of(new Action.Target(SERVER, "server"))));
        return this;
    }

    PlainVmObservationBuilder setback(Class<?> step, CloudException error) {
        setbacks.put(step.getSimpleName(), new Failure(error, 1, NOW.plusSeconds(30), 1));
        return this;
    }

    PlainVmObservationBuilder shutdownAsked(Instant when) {
        shutdownAsked = when;
        return this;
    }

    PlainVmObservationBuilder candidates(Candidate... all) {
        candidates = List.of(all);
        return this;
    }

    /** An action of its ended well then, by the cloud's clock. */
    PlainVmObservationBuilder finished(String command, Instant when) {
        finished.put(command, when);
        return this;
    }

    /** The installation has a companion. */
    PlainVmObservationBuilder books() {
        return books(0, null);
    }

    PlainVmObservationBuilder books(long delivered, String trouble) {
        books = new DeliveryStatus(delivered, Optional.ofNullable(trouble));
        return this;
    }

    /** Somebody wrote these fields of the spec then. */
    PlainVmObservationBuilder wrote(String manager, Instant when, String... fields) {
        managed.add(ManagedFields.spec(manager, when, fields));
        return this;
    }

    PlainVmObservationBuilder departure(DeletionCheck found) {
        deletionCheck = found;
        return this;
    }

    PlainVmObservation build() {
        var vm = new PlainVm();
        vm.setMetadata(new ObjectMetaBuilder()
                .withName("web")
                .withNamespace("default")
                .withUid(UID)
                .withGeneration(1L)
                .withAnnotations(annotations)
                .withManagedFields(managed)
                .withDeletionTimestamp(deleting ? NOW.toString() : null)
                .build());
        vm.setSpec(new PlainVmSpec(
                account,
                Region.EU,
                "small",
                "debian-12",
                List.of("laptop"),
                false,
                new PlainVmSpec.Firewall(List.of()),
                mode,
                policy,
                recreate));
        vm.setStatus(status);
        var cloud = new Cloud(
                "local",
                IDENTITY,
                new WantedFirewall(IDENTITY.firewallName(), IDENTITY.labels(), SSH, false),
                new ServerObservation(NOW, servers, actions, finished, setbacks, Optional.ofNullable(shutdownAsked)),
                firewall,
                leftovers,
                Optional.of(new ServerTypeCandidates("hel1", candidates)),
                List.of("ssh-ed25519 AAAA"));
        return new PlainVmObservation(
                vm,
                NOW,
                Optional.ofNullable(refusal),
                cloudKnown ? Optional.of(cloud) : Optional.empty(),
                Optional.ofNullable(books),
                Optional.ofNullable(deletionCheck));
    }

    static Set<String> types(List<PlainVmStep> steps) {
        return steps.stream().map(PlainVmStep::name).collect(java.util.stream.Collectors.toSet());
    }
}
