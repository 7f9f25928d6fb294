package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.guest.PlainVmUserData;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.ServerExecutor;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/**
 * Executes the server steps that differ for PlainVms: the create call with its user data, and the check that nothing is
 * left after deletion.
 */
final class PlainVmServerExecutor extends ServerExecutor {
    private final KubernetesClient kubernetes;
    private final PlainVm vm;
    private final Cloud cloud;

    PlainVmServerExecutor(
            HetznerSession session,
            PlainVm vm,
            Cloud cloud,
            EventRecorder eventRecorder,
            ShutdownTracker notes,
            KubernetesClient kubernetes) {
        super(session, vm, cloud.identity(), eventRecorder, notes);
        this.kubernetes = kubernetes;
        this.vm = vm;
        this.cloud = cloud;
    }

    void createServer(CreateServer s) {
        if (!s.sharedFirewall().isEmpty()
                && !(session.inventory().firewallNamed(s.sharedFirewall()) instanceof Sighting.Seen)) {
            return; // deleted a moment ago, since nobody wanted it then: decide again
        }
        create(s.type(), s.imageId(), s.location(), s.firewallId(), List.of(), document());
    }

    boolean capacityExhausted(CreateServer s, CloudException e) {
        return capacityExhausted(s.type(), s.location(), s.firewallId(), e);
    }

    private String document() {
        Optional<String> password = vm.getSpec().oneTimePassword()
                ? Optional.of(OneTimePasswordSecret.hash(kubernetes, vm))
                : Optional.empty();
        return PlainVmUserData.render(vm.getMetadata().getName(), cloud.keys(), password);
    }

    DeletionCheck confirmGone() {
        boolean orphan = vm.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        var status = Optional.ofNullable(vm.getStatus()).filter(_ -> !orphan);
        Optional<Long> server = status.map(s -> s.serverId());
        Optional<Long> firewall = status.map(s -> s.firewallId())
                .filter(_ -> !cloud.wantedFirewall().shared());
        return confirmGone(
                server,
                !orphan && server.isEmpty(),
                this::firewallByName,
                () -> session.inventory().confirmFirewallsGone(uid(), ids(firewall)));
    }

    private Optional<String> firewallByName() {
        var found = session.client()
                .findFirewallByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.firewallName())
                .filter(f -> isOurs(f.labels()));
        found.ifPresent(f -> session.inventory().recordFirewall(uid(), f, List.of()));
        return found.map(f -> "firewall " + f.id());
    }
}
