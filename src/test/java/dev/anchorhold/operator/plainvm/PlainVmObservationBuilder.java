package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.FirewallRule;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.ObservationBuilder;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmObservation.WantedFirewall;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.Region;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Builder of observations for tests of the decider:
 * {@code new PlainVmObservationBuilder().firewall().server(RUNNING).build()}.
 */
final class PlainVmObservationBuilder extends ObservationBuilder<PlainVmObservationBuilder> {
    static final CloudIdentity IDENTITY = new CloudIdentity("inst", "PlainVm", UID, "web");
    static final RuleSet SSH = RuleSet.of(List.of(FirewallRule.inbound("tcp", "22", List.of("0.0.0.0/0", "::/0"), "")));
    static final long FIREWALL = 38;

    private PlainVmSpec.OperatingMode mode = PlainVmSpec.OperatingMode.Running;
    private PlainVmSpec.Recreate recreate = PlainVmSpec.Recreate.Never;
    private PlainVmStatus status = statusOf(null, null);
    private Sighting<Firewall> firewall = new Sighting.Absent<>(NOW);
    private final List<Firewall> leftovers = new ArrayList<>();

    private AdoptionObservation<PlainVmStep> adoption;

    PlainVmObservationBuilder adoption(AdoptionObservation<PlainVmStep> it) {
        adoption = it;
        return this;
    }

    /** So far, as its status has it. */
    PlainVmObservationBuilder adopted(Adoption begun) {
        return adopted(begun, List.of());
    }

    PlainVmObservationBuilder adopted(Adoption begun, List<JournalEntry> journal) {
        status = statusOf(null, null, begun, journal);
        return this;
    }

    static PlainVmStatus statusOf(Long serverId, String provisionedAt) {
        return statusOf(serverId, provisionedAt, null, List.of());
    }

    private static PlainVmStatus statusOf(
            Long serverId, String provisionedAt, Adoption adopted, List<JournalEntry> journal) {
        return new PlainVmStatus(
                UID,
                1L,
                "local",
                PROJECT,
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
                adopted,
                null,
                journal,
                List.of());
    }

    PlainVmObservationBuilder stopped() {
        mode = PlainVmSpec.OperatingMode.Stopped;
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

    private static Server aServer(long id, Instant created, Server.Status power, Server.Attached... firewalls) {
        return new Server(
                id,
                IDENTITY.serverName(),
                power,
                created,
                new Server.PublicNet(
                        new Server.PublicIp(1, "203.0.113.7", "static.7.113.0.203.clients.example"),
                        new Server.PublicIp(2, "2001:db8:aa:1::/64", List.of()),
                        List.of(firewalls),
                        List.of()),
                new Server.Ref(114, "cx23"),
                new Server.Ref(3, "hel1"),
                new Server.Ref(7, "debian-12"),
                false,
                null,
                IDENTITY.labels(),
                List.of(),
                false,
                null,
                null,
                null,
                List.of(),
                List.of());
    }

    PlainVmObservationBuilder failure(Class<?> step, CloudException error) {
        return failure(step.getSimpleName(), error);
    }

    PlainVmObservationBuilder shutdownRequested(Instant when) {
        shutdownRequested = when;
        return this;
    }

    PlainVmObservation build() {
        var vm = new PlainVm();
        vm.setMetadata(metadata("web"));
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
                Optional.of(PROJECT),
                IDENTITY,
                new WantedFirewall(IDENTITY.firewallName(), IDENTITY.labels(), SSH, false),
                serverObservation(),
                firewall,
                leftovers,
                Optional.of(new ServerTypeCandidates("hel1", candidates)),
                List.of("ssh-ed25519 AAAA"));
        return new PlainVmObservation(
                vm,
                NOW,
                Optional.ofNullable(refusal),
                cloudKnown ? Optional.of(cloud) : Optional.empty(),
                Optional.ofNullable(adoption),
                Optional.ofNullable(delivery),
                Optional.ofNullable(deletionCheck));
    }

    static Set<String> types(List<PlainVmStep> steps) {
        return steps.stream().map(PlainVmStep::name).collect(java.util.stream.Collectors.toSet());
    }
}
