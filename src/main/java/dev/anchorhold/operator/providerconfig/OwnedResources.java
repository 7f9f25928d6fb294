package dev.anchorhold.operator.providerconfig;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Access for the orphan sweep to one kind of cloud resource: lists all of the installation's from the inventory, reads
 * one of them by a call, and deletes it.
 *
 * @param dataMark of what holds data: since when it is marked as an orphan
 * @param readOwner whose it is now, by a call; empty if it is not there or not ours
 * @param onError called with what the cloud refused
 */
record OwnedResources(
        Supplier<Stream<OrphanCandidate>> list,
        Optional<DataMark> dataMark,
        Function<OrphanCandidate, Optional<String>> readOwner,
        Consumer<OrphanCandidate> delete,
        Consumer<CloudException> onError) {
    private static final Set<String> KINDS =
            Set.of(HasMetadata.getKind(PlainVm.class), HasMetadata.getKind(Agent.class));

    /** A resource that may have no owner any more; {@code uid} is that of the object that it was made for. */
    record OrphanCandidate(String what, String id, String name, String uid) {
        long number() {
            return Long.parseLong(id);
        }

        /** Whether its name was derived from one of these objects' (CloudIdentity), of which their {@link CloudIdentity#readablePart} is given. */
        boolean isNamedAfterAnyOf(Set<String> readableParts) {
            int end = name.length() - CloudIdentity.HASH_SIZE - 1;
            return end > 0 && name.charAt(end) == '-' && readableParts.contains(name.substring(0, end));
        }

        @Override
        public String toString() {
            return "%s %s '%s' (of %s)".formatted(what, id, name, uid);
        }
    }

    /**
     * Access to the mark on a thing that is an orphan.
     *
     * @param since as it was as the sweep began; makes no call
     * @param set puts it there or takes it away, by calls
     */
    record DataMark(
            Function<OrphanCandidate, Optional<Instant>> since, BiConsumer<OrphanCandidate, Optional<Instant>> set) {}

    /** In the order in which they can be deleted: a server holds on to its firewall and its volumes. */
    static List<OwnedResources> all(HetznerSession session, Optional<CloudflareSession> edge) {
        var hetzner = Stream.of(servers(session), firewalls(session), volumes(session));
        return Stream.concat(hetzner, edge.stream().flatMap(e -> Stream.of(tunnels(e), records(e))))
                .toList();
    }

    private static OwnedResources servers(HetznerSession session) {
        var client = session.client();
        return new OwnedResources(
                () -> session.inventory().servers().stream()
                        .filter(s -> isOfAKnownKind(s.labels()))
                        .map(s -> new OrphanCandidate("server", "" + s.id(), s.name(), s.uid())),
                Optional.empty(),
                s -> client.getServer(Urgency.DRIFT, Purpose.LOOKUP, s.number())
                        .flatMap(it -> owner(session, it.labels())),
                s -> session.inventory()
                        .recordServerDeleted(
                                s.uid(), s.number(), client.deleteServer(Urgency.DRIFT, Purpose.DELETE, s.number())),
                session::recordCredentialFailure);
    }

    private static OwnedResources firewalls(HetznerSession session) {
        var client = session.client();
        return new OwnedResources(
                () -> session.inventory().firewalls().stream()
                        .filter(f -> isOfAKnownKind(f.labels()))
                        .map(f -> new OrphanCandidate("firewall", "" + f.id(), f.name(), f.uid())),
                Optional.empty(),
                s -> client.getFirewall(Urgency.DRIFT, Purpose.LOOKUP, s.number())
                        .flatMap(it -> owner(session, it.labels())),
                s -> {
                    client.deleteFirewall(Urgency.DRIFT, Purpose.DELETE, s.number());
                    session.inventory().recordFirewallDeleted(s.uid(), s.number());
                },
                session::recordCredentialFailure);
    }

    private static OwnedResources volumes(HetznerSession session) {
        var client = session.client().volumes();
        var volumes = session.inventory().volumes(); // copied once a sweep: each volume is asked for its mark
        Map<String, Instant> marked = new HashMap<>();
        volumes.forEach(v -> orphanedSince(v.labels()).ifPresent(since -> marked.put("" + v.id(), since)));
        return new OwnedResources(
                () -> volumes.stream()
                        .filter(v -> isOfAKnownKind(v.labels()))
                        .map(v -> new OrphanCandidate("volume", "" + v.id(), v.name(), v.uid())),
                Optional.of(new DataMark(
                        s -> Optional.ofNullable(marked.get(s.id())),
                        (s, since) -> client.get(Urgency.DRIFT, Purpose.LOOKUP, s.number())
                                .filter(v -> owner(session, v.labels())
                                        .filter(s.uid()::equals)
                                        .isPresent())
                                .ifPresent(v -> {
                                    var labels = new HashMap<>(v.labels());
                                    labels.remove(Ownership.ORPHANED_SINCE);
                                    since.ifPresent(
                                            at -> labels.put(Ownership.ORPHANED_SINCE, "" + at.getEpochSecond()));
                                    client.relabel(Urgency.DRIFT, Purpose.UPDATE, v.id(), labels);
                                    session.inventory().recordVolume(s.uid(), v.withLabels(labels), List.of());
                                }))),
                s -> client.get(Urgency.DRIFT, Purpose.LOOKUP, s.number())
                        .filter(v -> orphanedSince(v.labels()).isPresent()) // taken off meanwhile: somebody wants it
                        .flatMap(it -> owner(session, it.labels())),
                s -> {
                    client.delete(Urgency.DRIFT, Purpose.DELETE, s.number());
                    session.inventory().recordVolumeDeleted(s.uid(), s.number());
                },
                session::recordCredentialFailure);
    }

    private static OwnedResources tunnels(CloudflareSession edge) {
        var inventory = edge.inventory();
        return new OwnedResources(
                () -> inventory.tunnels().stream()
                        .map(t -> new OrphanCandidate("tunnel", t.id(), t.name(), inventory.uidOf(t))),
                Optional.empty(),
                s -> edge.tunnels().get(Urgency.DRIFT, Purpose.LOOKUP, s.id()).map(inventory::uidOf),
                s -> {
                    edge.tunnels().dropConnections(Urgency.DRIFT, Purpose.DELETE, s.id());
                    edge.tunnels().delete(Urgency.DRIFT, Purpose.DELETE, s.id());
                    inventory.recordTunnelDeleted(s.uid(), s.id());
                    edge.recordCredentialSuccess(CloudflareSession.TUNNELS);
                },
                e -> edge.recordCredentialFailure(CloudflareSession.TUNNELS, e));
    }

    private static OwnedResources records(CloudflareSession edge) {
        var inventory = edge.inventory();
        return new OwnedResources(
                () -> inventory.records().stream()
                        .map(r -> new OrphanCandidate("record", r.id(), r.name(), inventory.uidOf(r))),
                Optional.empty(),
                s -> edge.records().get(Urgency.DRIFT, Purpose.LOOKUP, s.id()).map(inventory::uidOf),
                s -> {
                    edge.records().delete(Urgency.DRIFT, Purpose.DELETE, s.id());
                    inventory.recordRecordDeleted(s.uid(), s.id());
                    edge.recordCredentialSuccess(CloudflareSession.RECORDS);
                },
                e -> edge.recordCredentialFailure(CloudflareSession.RECORDS, e));
    }

    /** Empty also for what is no instant: then it is marked anew, and its days begin again. */
    private static Optional<Instant> orphanedSince(Map<String, String> labels) {
        return Optional.ofNullable(labels.get(Ownership.ORPHANED_SINCE))
                .filter(text -> text.matches("[0-9]{1,11}"))
                .map(text -> Instant.ofEpochSecond(Long.parseLong(text)));
    }

    /** A newer version's objects are none of our business. */
    private static boolean isOfAKnownKind(Map<String, String> labels) {
        return KINDS.contains(labels.getOrDefault(Ownership.KIND, ""));
    }

    private static Optional<String> owner(HetznerSession session, Map<String, String> labels) {
        return Optional.ofNullable(labels.get(Ownership.UID))
                .filter(_ -> Ownership.isOurs(labels, session.installation()));
    }
}
