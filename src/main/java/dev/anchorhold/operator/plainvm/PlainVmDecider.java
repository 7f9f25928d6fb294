package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.adoption.AdoptionNeeds;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.pipeline.StaleInventory;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.ServerNeeds;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.PlainVmSpec.OperatingMode;
import dev.anchorhold.resource.PlainVmSpec.Recreate;
import dev.anchorhold.resource.PlainVmStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides a PlainVm's next steps and its conditions from an observation: the order of its needs is its behaviour. No
 * I/O, no clock, no JSON. Deletion is in {@link PlainVmCleanupDecider}.
 */
final class PlainVmDecider {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);

    static Plan<PlainVmStep, PlainVmStatus> decide(PlainVmObservation vm) {
        if (vm.deleting() && (!vm.adopting() || vm.abandoned())) {
            return PlainVmCleanupDecider.decide(vm);
        }
        if (unknownForAMoment(vm)) {
            return Plan.noUpdate(SOON);
        }
        var report = new PlainVmPlanBuilder(vm);
        if (vm.refusal().isEmpty() && vm.adoption().isPresent()) {
            return adopt(vm, vm.adoption().get(), vm.cloud().orElseThrow(), report);
        }
        boolean all = report.require(ADMITTED, admitted(vm))
                && vm.cloud()
                        .map(cloud -> StaleInventory.<PlainVmStep>prolonged(cloud.servers(), vm.now())
                                        .map(why -> report.require(SERVER_PROVISIONED, why))
                                        .orElse(true)
                                && (remembered(vm) || report.require(SERVER_PROVISIONED, aboutToBeMade())) //
                                && obstacle(vm, cloud)
                                        .map(why -> report.require(SERVER_PROVISIONED, why))
                                        .orElse(true)
                                && report.require(
                                        FIREWALL_IN_SYNC, firewall(vm, cloud)) // the rules stand before the first boot:
                                && report.require(
                                        SERVER_PROVISIONED, server(vm, cloud)) // the create call attaches them
                                && report.require(FIREWALL_IN_SYNC, attachment(cloud))
                                && report.require(POWER_IN_SYNC, power(vm, cloud)))
                        .orElse(false);
        return report.build(all);
    }

    /** Nothing else is done until all that the predecessor left is taken over. */
    private static Plan<PlainVmStep, PlainVmStatus> adopt(
            PlainVmObservation vm, AdoptionObservation<PlainVmStep> seen, Cloud cloud, PlainVmPlanBuilder report) {
        var next = AdoptionNeeds.next(
                seen,
                vm.now(),
                (reason, message, step) -> attempt(cloud, reason, message, step),
                PlainVmStep.OnAdoption::new);
        next.toRecord().ifPresent(report::adopt);
        report.require(ADMITTED, next.need());
        return report.build(false);
    }

    /** After a start, and when the cloud stammers: nothing is known, nothing is done, nothing is said. */
    private static boolean unknownForAMoment(PlainVmObservation vm) {
        return vm.refusal().isEmpty()
                && vm.cloud()
                        .map(c -> StaleInventory.isTransient(c.servers(), vm.now())
                                || StaleInventory.isTransient(c.firewall(), vm.now()))
                        .orElse(true);
    }

    private static Need<PlainVmStep> admitted(PlainVmObservation vm) {
        if (vm.refusal().isPresent()) {
            var refusal = vm.refusal().get();
            return Need.blocked(refusal.reason(), refusal.message(), LATER);
        }
        return Need.met(AS_SPECIFIED, "account, provider, quota and keys are in order");
    }

    /** Which cloud it goes to is on record before anything is made there: without that it could not be found again. */
    private static boolean remembered(PlainVmObservation vm) {
        return vm.status().map(PlainVmStatus::providerConfig).isPresent();
    }

    private static Need<PlainVmStep> aboutToBeMade() {
        return Need.waitFor(SERVER_CREATING, "about to make the server", Duration.ZERO);
    }

    private static Need<PlainVmStep> firewall(PlainVmObservation vm, Cloud cloud) {
        var wanted = cloud.wantedFirewall();
        if (cloud.running("set_firewall_rules") && !madeForANewServer(cloud)) {
            return Need.waitFor(RULES_CHANGING, "the cloud is replacing the rules", LATER);
        }
        var failed = cloud.failed("set_firewall_rules").or(() -> cloud.failed("apply_firewall"));
        if (failed.isPresent() && cloud.firewall() instanceof Seen<Firewall>(var it, var _)) {
            return afterAFailure(
                    vm,
                    cloud,
                    failed.get(),
                    "the cloud failed to put the rules into force",
                    new SetRules(it.id(), wanted.rules(), wanted.sharedName()));
        }
        return switch (cloud.firewall()) {
            case Unknown<Firewall>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<Firewall> _ ->
                attempt(
                        cloud,
                        FIREWALL_CREATING,
                        "making firewall '" + wanted.name() + "'",
                        new CreateFirewall(wanted.name(), wanted.labels(), wanted.rules(), wanted.shared()));
            case Seen<Firewall>(var it, var _)
            when !it.rules().equals(wanted.rules()) ->
                attempt(
                        cloud,
                        RULES_CHANGING,
                        "replacing the firewall's rules",
                        new SetRules(it.id(), wanted.rules(), wanted.sharedName()));
            case Seen<Firewall> _ -> Need.met(AS_SPECIFIED, "the rules are as specified");
        };
    }

    /**
     * The rules that a new firewall was made with need not be waited for before the server is made: they come into force meanwhile, and until
     * then the firewall lets nothing in. Ready waits for them all the same.
     */
    private static boolean madeForANewServer(Cloud cloud) {
        return (cloud.servers() instanceof Absent || cloud.running("create_server"))
                && cloud.firewall() instanceof Seen<Firewall>(var it, var _)
                && it.rules().equals(cloud.wantedFirewall().rules());
    }

    private static Need<PlainVmStep> server(PlainVmObservation vm, Cloud cloud) {
        return switch (cloud.servers()) {
            case Unknown<List<Server>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<List<Server>> _
            when lost(vm) -> Need.blocked(SERVER_LOST, lostMessage(vm), Plan.RESYNC_INTERVAL);
            case Absent<List<Server>> _ -> create(cloud);
            case Seen<List<Server>>(var all, var _) when all.size() > 1 -> ServerNeeds.duplicates(all);
            case Seen<List<Server>> _ ->
                ServerNeeds.provisioned(cloud.server(), PlainVmPlanBuilder.wasProvisioned(vm))
                        .map(OnServer::new);
        };
    }

    /** A server that was ready once had a disk that somebody cared for; one that never was is simply made again. */
    private static boolean lost(PlainVmObservation vm) {
        return vm.spec().recreate() != Recreate.WhenLost && PlainVmPlanBuilder.wasProvisioned(vm);
    }

    private static String lostMessage(PlainVmObservation vm) {
        return "server %d was deleted behind our back, and its disk with it; set spec.recreate: WhenLost to have a new, empty one"
                        .formatted(vm.status().orElseThrow().serverId())
                + ", or delete this object";
    }

    /** Why no server can be made, when one has to be: then nothing is made at all, not even its firewall. */
    private static Optional<Need<PlainVmStep>> obstacle(PlainVmObservation vm, Cloud cloud) {
        if (!(cloud.servers() instanceof Absent) || lost(vm)) {
            return Optional.empty();
        }
        return ServerTypeCandidates.unavailable(
                cloud.candidates(), "spec.image", vm.spec().image());
    }

    private static Need<PlainVmStep> create(Cloud cloud) {
        var serverTypeCandidates = cloud.candidates().orElseThrow();
        var best = serverTypeCandidates.best();
        return attempt(
                cloud,
                SERVER_CREATING,
                "making a %s in %s".formatted(best.type(), serverTypeCandidates.location()),
                new CreateServer(
                        best.type(),
                        serverTypeCandidates.location(),
                        best.image().orElseThrow(),
                        ((Seen<Firewall>) cloud.firewall()).value().id(),
                        cloud.wantedFirewall().sharedName()));
    }

    /** Reports it for a while, then does the remedy. */
    private static Need<PlainVmStep> afterAFailure(
            PlainVmObservation vm, Cloud cloud, Action failed, String what, PlainVmStep remedy) {
        String message = "%s (%s)".formatted(what, failed.errorCode());
        return ServerNeeds.failedRecently(failed, vm.now())
                ? Need.blocked(ACTION_FAILED, message + "; trying again in a moment", SOON)
                : attempt(cloud, ACTION_FAILED, message, remedy);
    }

    /** Exactly the wanted firewall is on the server; what nobody wants any more is tidied away beside it. */
    private static Need<PlainVmStep> attachment(Cloud cloud) {
        long wanted = ((Seen<Firewall>) cloud.firewall()).value().id();
        Need<PlainVmStep> attached = ServerNeeds.firewallAttached(
                        cloud.server(), wanted, cloud.wantedFirewall().sharedName())
                .map(OnServer::new);
        var cleanupSteps = cleanup(cloud);
        return !attached.met() || cleanupSteps.isEmpty()
                ? attached
                : Need.metWith(attached.reason(), attached.message(), cleanupSteps.toArray(PlainVmStep[]::new));
    }

    private static List<PlainVmStep> cleanup(Cloud cloud) {
        List<PlainVmStep> steps = new ArrayList<>();
        if (cloud.failure(DeleteFirewall.class).isEmpty()) {
            cloud.leftovers().forEach(f -> steps.add(PlainVmCleanupDecider.deletion(f)));
        }
        return steps;
    }

    private static Need<PlainVmStep> power(PlainVmObservation vm, Cloud cloud) {
        return ServerNeeds.power(cloud.server(), vm.spec().operatingMode() == OperatingMode.Running)
                .map(OnServer::new);
    }

    /** Does it, unless it went wrong lately. */
    static Need<PlainVmStep> attempt(Cloud cloud, String reason, String message, PlainVmStep step) {
        return Need.attempt(
                cloud.server().failure(step.name()), reason, message, error -> remedy(cloud, step, error), step);
    }

    /** What a person can do about it, when only a person can. */
    private static String remedy(Cloud cloud, PlainVmStep step, CloudException error) {
        return switch (error) {
            case CloudException.Invalid invalid
            when step instanceof CreateFirewall || step instanceof SetRules ->
                ServerNeeds.changeField("spec.firewall.inbound", invalid);
            case CloudException.Quota _
            when step instanceof CreateFirewall f && !f.shared() ->
                "; have the limit raised, or let VMs with equal rules share a firewall: ProviderConfig '%s' spec.firewalls: ByContent"
                        .formatted(cloud.provider());
            default -> ServerNeeds.remedy(error);
        };
    }
}
