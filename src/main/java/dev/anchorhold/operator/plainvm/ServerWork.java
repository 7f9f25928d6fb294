package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Created;
import dev.anchorhold.cloud.hetzner.NewServer;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.guest.PlainVmDocument;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A PlainVm's server: made once, found again after any crash, deleted or let go of, and seen gone. */
final class ServerWork extends Work {
    private final KubernetesClient kubernetes;

    ServerWork(CloudSession session, PlainVm vm, Cloud cloud, Events events, KubernetesClient kubernetes) {
        super(session, vm, cloud, events);
        this.kubernetes = kubernetes;
    }

    /** Labels can be changed without any feed telling: what is not ours any more is not deleted (F03). */
    void demandOurs(long serverId) {
        session.client()
                .getServer(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, serverId)
                .filter(s -> !Ownership.isOf(s.labels(), session.installation(), uid()))
                .ifPresent(_ -> {
                    throw new CloudException.NotFound(new CloudException.Detail(
                            "not_ours", "server %d does not bear our labels any more".formatted(serverId), ""));
                });
    }

    Void createServer(CreateServer s) {
        if (!s.sharedFirewall().isEmpty()
                && !(session.inventory().firewallNamed(s.sharedFirewall()) instanceof Sighting.Seen)) {
            return null; // deleted a moment ago, since nobody wanted it then: decide again
        }
        var identity = cloud.identity();
        Created<Server> made = creating(
                () -> session.client().createServer(Urgency.PROVISIONING, Purpose.CREATE, wanted(s)),
                () -> session.client()
                        .findServerByName(Urgency.PROVISIONING, Purpose.LOOKUP, identity.serverName())
                        .filter(f -> mine(f.labels(), identity.labels(), "server", f.id()))
                        .map(f -> new Created<>(f, List.of())));
        session.inventory().recordServer(uid(), made.value(), made.actions());
        return tell(
                "ServerCreated",
                "CreateServer",
                "server %d, a %s in %s".formatted(made.value().id(), s.type(), s.location()));
    }

    private NewServer wanted(CreateServer s) {
        var spec = vm.getSpec();
        Optional<String> password = Optional.empty();
        if (spec.oneTimePassword()) {
            password = Optional.of(passwordHash()
                    .orElseThrow(() -> refused("a Secret '" + PasswordSecret.name(vm)
                            + "' is there already and is not this PlainVm's; remove or rename it")));
        }
        String document = PlainVmDocument.render(vm.getMetadata().getName(), cloud.keys(), password);
        return new NewServer(
                cloud.identity().serverName(),
                s.type(),
                s.imageId(),
                s.location(),
                List.of(session.sealedKey().id()),
                List.of(s.firewallId()),
                List.of(),
                document,
                true,
                cloud.identity().labels());
    }

    private Optional<String> passwordHash() {
        try {
            return PasswordSecret.hash(kubernetes, vm);
        } catch (KubernetesClientException e) {
            throw new CloudException.Transient(
                    new CloudException.Detail(
                            "secret_refused",
                            "the API server refuses Secret '%s': %s"
                                    .formatted(
                                            PasswordSecret.name(vm),
                                            e.getStatus() == null
                                                    ? "no answer"
                                                    : e.getStatus().getMessage()),
                            ""),
                    e);
        }
    }

    private CloudException refused(String message) {
        return new CloudException.NameTaken(
                new CloudException.Detail("secret_exists", message, ""), List.of("oneTimePassword"));
    }

    void disownServer(long id) {
        session.client()
                .getServer(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(s -> session.client()
                        .relabelServer(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, withoutOurs(s.labels())));
        session.inventory().recordServerDeleted(uid(), id, Optional.empty());
        tell("ServerReleased", "Disown", "server %d stays, and is no longer looked after".formatted(id));
    }

    Departure confirmGone() {
        var found = lookForAnythingLeft();
        if (found instanceof Departure.Unknown(var why)) {
            throw why; // and look again after a while
        }
        return found;
    }

    private Departure lookForAnythingLeft() {
        var status = Optional.ofNullable(vm.getStatus());
        boolean orphan = vm.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        if (!orphan && status.map(s -> s.serverId()).isEmpty()) {
            var nameless = byName();
            if (nameless.isPresent()) {
                return nameless.get();
            }
        }
        Departure servers = session.inventory()
                .serversGone(
                        uid(),
                        orphan
                                ? Set.of()
                                : status.map(s -> s.serverId()).map(Set::of).orElse(Set.of()));
        return servers instanceof Departure.Gone
                ? session.inventory()
                        .firewallsGone(
                                uid(),
                                orphan || cloud.wanted().shared()
                                        ? Set.of()
                                        : status.map(s -> s.firewallId())
                                                .map(Set::of)
                                                .orElse(Set.of()))
                : servers;
    }

    /** A create whose id never came on record is found by its name, which no index of labels hides (F14). */
    private Optional<Departure> byName() {
        var identity = cloud.identity();
        var server = session.client()
                .findServerByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.serverName())
                .filter(s -> Ownership.isOf(s.labels(), session.installation(), uid()));
        server.ifPresent(s -> session.inventory().recordServer(uid(), s, List.of()));
        var firewall = session.client()
                .findFirewallByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.firewallName())
                .filter(f -> Ownership.isOf(f.labels(), session.installation(), uid()));
        firewall.ifPresent(f -> session.inventory().recordFirewall(uid(), f, List.of()));
        return server.map(s -> "server " + s.id())
                .or(() -> firewall.map(f -> "firewall " + f.id()))
                .map(Departure.StillThere::new);
    }
}
