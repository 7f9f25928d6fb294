package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.NewServer;
import dev.anchorhold.guest.PlainVmDocument;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerWork;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is a PlainVm's own about its server: what it is made with, and that nothing is left when it goes. */
final class PlainVmServerWork extends ServerWork {
    private final KubernetesClient kubernetes;
    private final PlainVm vm;
    private final Cloud cloud;

    PlainVmServerWork(
            CloudSession session,
            PlainVm vm,
            Cloud cloud,
            Events events,
            PowerNotes notes,
            KubernetesClient kubernetes) {
        super(session, vm, cloud.identity(), events, notes);
        this.kubernetes = kubernetes;
        this.vm = vm;
        this.cloud = cloud;
    }

    void createServer(CreateServer s) {
        if (!s.sharedFirewall().isEmpty()
                && !(session.inventory().firewallNamed(s.sharedFirewall()) instanceof Sighting.Seen)) {
            return; // deleted a moment ago, since nobody wanted it then: decide again
        }
        create(wanted(s));
    }

    boolean soldOut(CreateServer s, CloudException e) {
        return soldOut(s.type(), s.location(), s.firewallId(), e);
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
                identity.serverName(),
                s.type(),
                s.imageId(),
                s.location(),
                List.of(session.sealedKey().id()),
                List.of(s.firewallId()),
                List.of(),
                document,
                true,
                identity.labels());
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
