package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.FinalJournalEntry;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.ServerStep.DeleteServer;
import dev.anchorhold.operator.server.ServerStep.DisownServer;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.PlainVmStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Decides the steps by which a deleted PlainVm is cleaned up, in order: server, firewall, a last check of the cloud,
 * its final journal entry delivered, finalizer removed. Needs nothing but the credential (F13); gone means seen gone
 * (F14, F15).
 */
final class PlainVmCleanupDecider {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration LATER = Duration.ofSeconds(30);

    private PlainVmCleanupDecider() {}

    static Plan<PlainVmStep, PlainVmStatus> decide(PlainVmObservation vm) {
        var report = new PlainVmPlanBuilder(vm);
        if (vm.held()) {
            report.require(READY, Need.heldDeletion());
            return report.build(false);
        }
        if (report.hasNews()) {
            report.require(
                    READY, Need.waitFor(DELETING, "the books are told first what was seen of it", Duration.ZERO));
            return report.build(false);
        }
        if (PlainVmJournal.onRecord(vm).destroyed()
                || vm.abandoned()
                || neverHadAnything(vm) && vm.cloud().isEmpty()
                || vm.deletionCheck()
                        .filter(DeletionCheck.Gone.class::isInstance)
                        .isPresent()) {
            return awaitJournalDelivery(vm);
        }
        report.require(READY, vm.cloud().map(cloud -> next(vm, cloud)).orElseGet(() -> cloudUnavailable(vm)));
        return report.build(false);
    }

    /** Once its end is in the status no cloud is read again: only the delivery of the journal is awaited. */
    private static Plan<PlainVmStep, PlainVmStatus> awaitJournalDelivery(PlainVmObservation vm) {
        Optional<Need<PlainVmStep>> delivery =
                FinalJournalEntry.awaitDelivery(vm.vm(), PlainVmJournal.onRecord(vm), vm.deliveryStatus());
        if (delivery.isEmpty()) {
            return Plan.releaseFinalizer();
        }
        var report = new PlainVmPlanBuilder(vm);
        report.require(READY, delivery.get());
        report.markDestroyed();
        return report.build(false);
    }

    /** The provider is on record before anything is made: without that there is nothing anywhere. */
    private static boolean neverHadAnything(PlainVmObservation vm) {
        return vm.status().map(PlainVmStatus::providerConfig).isEmpty();
    }

    private static boolean lacksCredentials(AdmissionRefusal refusal) {
        return List.of(CREDENTIALS_MISSING, CREDENTIALS_INVALID, PROJECT_DIFFERS)
                .contains(refusal.reason());
    }

    private static Need<PlainVmStep> cloudUnavailable(PlainVmObservation vm) {
        return vm.refusal()
                .map(r -> Need.<PlainVmStep>blocked(r.reason(), "cannot delete: " + r.message(), LATER))
                .orElseGet(() -> Need.unknown(INVENTORY_STALE, "the cloud has not been read yet", SOON));
    }

    private static Need<PlainVmStep> next(PlainVmObservation vm, Cloud cloud) {
        if (vm.refusal().filter(PlainVmCleanupDecider::lacksCredentials).isPresent()) {
            return cloudUnavailable(vm);
        }
        if (vm.deletionCheck().orElse(null) instanceof DeletionCheck.StillThere(var what)) {
            return Need.waitFor(DELETING, "still there: " + what, SOON);
        }
        boolean keep = vm.spec().deletionPolicy() == DeletionPolicy.Orphan;
        return switch (cloud.servers()) {
            case Unknown<List<Server>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Seen<List<Server>>(var all, var _) when keep -> disown(cloud, all);
            case Seen<List<Server>>(var all, var _) -> delete(cloud, all);
            case Absent<List<Server>> _ -> keep ? disown(cloud, List.of()) : firewalls(cloud);
        };
    }

    /** In any state, locked or not: nothing is waited for (F16). */
    private static Need<PlainVmStep> delete(Cloud cloud, List<Server> servers) {
        if (cloud.running("delete_server") || servers.stream().allMatch(s -> s.status() == Server.Status.DELETING)) {
            return Need.waitFor(DELETING, "the cloud is deleting the server", LATER);
        }
        return attemptAll(
                cloud,
                "deleting server " + ids(servers),
                servers.stream()
                        .<PlainVmStep>map(s -> new OnServer(new DeleteServer(s.id())))
                        .toList());
    }

    private static Need<PlainVmStep> firewalls(Cloud cloud) {
        List<PlainVmStep> steps = new ArrayList<>();
        if (cloud.firewall() instanceof Seen<Firewall>(var own, var _)
                && !cloud.wantedFirewall().shared()) {
            steps.add(new DeleteFirewall(own.id(), ""));
        }
        cloud.leftovers().forEach(f -> steps.add(deletion(f))); // of shared ones only those that can go now
        if (!steps.isEmpty()) {
            return attemptAll(cloud, "deleting the firewall", steps);
        }
        return cloud.firewall() instanceof Unknown<Firewall>(var reason, var _)
                ? Need.unknown(INVENTORY_STALE, reason, SOON)
                : attemptAll(cloud, "making sure that nothing is left", List.of(new ConfirmGone()));
    }

    /** Disowned: our labels are removed, the resources stay. */
    private static Need<PlainVmStep> disown(Cloud cloud, List<Server> servers) {
        List<PlainVmStep> steps = new ArrayList<>();
        servers.forEach(s -> steps.add(new OnServer(new DisownServer(s.id()))));
        if (cloud.firewall() instanceof Seen<Firewall>(var own, var _)
                && !cloud.wantedFirewall().shared()) {
            steps.add(new DisownFirewall(own.id()));
        }
        cloud.leftovers().stream().filter(f -> !f.uid().isEmpty()).forEach(f -> steps.add(new DisownFirewall(f.id())));
        return attemptAll(cloud, "letting go of the server", steps.isEmpty() ? List.of(new ConfirmGone()) : steps);
    }

    static PlainVmStep deletion(Firewall leftover) {
        return new DeleteFirewall(leftover.id(), leftover.uid().isEmpty() ? leftover.name() : "");
    }

    private static Need<PlainVmStep> attemptAll(Cloud cloud, String message, List<PlainVmStep> steps) {
        for (PlainVmStep step : steps) {
            var attempt = PlainVmDecider.attempt(cloud, DELETING, message, step);
            if (attempt.steps().isEmpty()) {
                return attempt;
            }
        }
        return Need.act(DELETING, message, steps.toArray(PlainVmStep[]::new));
    }

    private static String ids(List<Server> servers) {
        return servers.stream().map(s -> "" + s.id()).collect(Collectors.joining(", "));
    }
}
