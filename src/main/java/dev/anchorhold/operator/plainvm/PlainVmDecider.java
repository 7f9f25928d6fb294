package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.Need;
import dev.anchorhold.operator.Plan;
import dev.anchorhold.operator.Setbacks.Setback;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Candidate;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.resource.PlainVmSpec.OperatingMode;
import dev.anchorhold.resource.PlainVmSpec.Recreate;
import dev.anchorhold.resource.PlainVmStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a PlainVm is: everything it does while it is wanted, decided from what was seen. No I/O, no clock, no JSON. How it
 * goes is {@link PlainVmDismantler}'s.
 */
final class PlainVmDecider {
    /** How long a guest may take to shut down before the power is cut. */
    static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

    /** How long the cloud may be out of sight before a Ready object says so. */
    static final Duration OUT_OF_SIGHT = Duration.ofMinutes(5);

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);
    private static final Duration AFTER_A_FAILED_ACTION = Duration.ofSeconds(30);

    static Plan<PlainVmStep, PlainVmStatus> decide(PlainVmObservation vm) {
        if (vm.paused()) {
            return Plan.holdStill(Plan.QUIET);
        }
        if (vm.deleting()) {
            return PlainVmDismantler.decide(vm);
        }
        if (outOfSightForAMoment(vm)) {
            return Plan.holdStill(SOON);
        }
        var report = new PlainVmReport(vm);
        boolean all = report.on(ADMITTED, admitted(vm))
                && vm.cloud()
                        .map(cloud -> longOutOfSight(vm, cloud)
                                        .map(why -> report.on(SERVER_PROVISIONED, why))
                                        .orElse(true)
                                && (remembered(vm) || report.on(SERVER_PROVISIONED, aboutToBeMade())) //
                                && obstacle(vm, cloud)
                                        .map(why -> report.on(SERVER_PROVISIONED, why))
                                        .orElse(true)
                                && report.on(
                                        FIREWALL_IN_SYNC, firewall(vm, cloud)) // the rules stand before the first boot:
                                && report.on(SERVER_PROVISIONED, server(vm, cloud)) // the create call attaches them
                                && report.on(FIREWALL_IN_SYNC, attachment(cloud))
                                && report.on(POWER_IN_SYNC, power(vm, cloud)))
                        .orElse(false);
        return report.plan(all);
    }

    /** After a start, and when the cloud stammers: nothing is known, nothing is done, nothing is said. */
    private static boolean outOfSightForAMoment(PlainVmObservation vm) {
        return vm.refusal().isEmpty()
                && vm.cloud()
                        .map(c -> unknownForAMoment(c.servers(), vm.now()) || unknownForAMoment(c.firewall(), vm.now()))
                        .orElse(true);
    }

    private static boolean unknownForAMoment(Sighting<?> sighting, Instant now) {
        return sighting instanceof Unknown<?>(var _, var since)
                && since.plus(OUT_OF_SIGHT).isAfter(now);
    }

    /** What was seen long ago may not be so any more: nothing is done on the strength of it, and nobody is told that all is well. */
    private static Optional<Need<PlainVmStep>> longOutOfSight(PlainVmObservation vm, Cloud cloud) {
        return cloud.servers() instanceof Seen<?>(var _, var asOf)
                        && asOf.plus(OUT_OF_SIGHT).isBefore(vm.now())
                ? Optional.of(Need.unknown(
                        INVENTORY_STALE,
                        "the cloud was last looked at successfully at " + asOf.truncatedTo(ChronoUnit.SECONDS),
                        LATER))
                : Optional.empty();
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
        var wanted = cloud.wanted();
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
                && it.rules().equals(cloud.wanted().rules());
    }

    private static Need<PlainVmStep> server(PlainVmObservation vm, Cloud cloud) {
        return switch (cloud.servers()) {
            case Unknown<List<Server>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<List<Server>> _ when lost(vm) -> Need.blocked(SERVER_LOST, lostMessage(vm), Plan.QUIET);
            case Absent<List<Server>> _ -> create(cloud);
            case Seen<List<Server>>(var all, var _)
            when all.size() > 1 ->
                Need.blocked(
                        DUPLICATE_SERVERS,
                        "several servers bear this object's label (ids %s); delete those that you do not want"
                                .formatted(all.stream().map(s -> "" + s.id()).collect(Collectors.joining(", "))),
                        Plan.QUIET);
            case Seen<List<Server>>(var all, var _) -> provisioned(vm, cloud, all.getFirst());
        };
    }

    /** A server that was ready once had a disk that somebody cared for; one that never was is simply made again. */
    private static boolean lost(PlainVmObservation vm) {
        return vm.spec().recreate() != Recreate.WhenLost && PlainVmReport.wasProvisioned(vm);
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
        if (cloud.market().isEmpty()) {
            return Optional.of(Need.waitFor(SERVER_CREATING, "reading what the cloud has to offer", SOON));
        }
        var market = cloud.market().get();
        var seen = market.candidates().stream()
                .map(c -> c.type() + " (" + c.availability() + ")")
                .collect(Collectors.joining(", "));
        if (market.candidates().stream()
                .anyMatch(c -> c.available() && c.image().isEmpty())) {
            return Optional.of(Need.blocked(
                    IMAGE_UNKNOWN,
                    "spec.image: the cloud has no system image '%s' for %s"
                            .formatted(vm.spec().image(), seen),
                    Plan.QUIET));
        }
        return market.candidates().stream().anyMatch(Candidate::available)
                ? Optional.empty()
                : Optional.of(Need.blocked(
                        CAPACITY_EXHAUSTED,
                        "no server to be had in %s now; tried: %s; trying again every few minutes"
                                .formatted(market.location(), seen),
                        LATER));
    }

    private static Need<PlainVmStep> create(Cloud cloud) {
        var market = cloud.market().orElseThrow();
        Candidate best = market.candidates().stream()
                .filter(Candidate::available)
                .findFirst()
                .orElseThrow();
        return attempt(
                cloud,
                SERVER_CREATING,
                "making a %s in %s".formatted(best.type(), market.location()),
                new CreateServer(
                        best.type(),
                        market.location(),
                        best.image().orElseThrow(),
                        ((Seen<Firewall>) cloud.firewall()).value().id(),
                        cloud.wanted().sharedName()));
    }

    /** All that the create call started has succeeded (F04); slow is not failed (F05). */
    private static Need<PlainVmStep> provisioned(PlainVmObservation vm, Cloud cloud, Server server) {
        if (server.status() == Server.Status.DELETING) {
            return Need.waitFor(CLOUD_BUSY, "somebody is deleting the server", SOON);
        }
        var failed = cloud.failed("create_server").filter(a -> concerns(a, server));
        if (failed.isPresent() && !PlainVmReport.wasProvisioned(vm)) {
            return afterAFailure(
                    vm, cloud, failed.get(), "the cloud failed to make the server", new DeleteServer(server.id()));
        }
        if (cloud.running("create_server") || server.status() == Server.Status.INITIALIZING) {
            return Need.waitFor(SERVER_CREATING, "the cloud is making server " + server.id(), LATER);
        }
        return Need.met(AS_SPECIFIED, "server %d is there".formatted(server.id()));
    }

    /** Not the failure of a predecessor that has been removed since. */
    private static boolean concerns(Action action, Server server) {
        return action.resources().contains(new Action.Target(server.id(), "server"));
    }

    /** Tells of it for a while, then does what heals it. */
    private static Need<PlainVmStep> afterAFailure(
            PlainVmObservation vm, Cloud cloud, Action failed, String what, PlainVmStep remedy) {
        String message = "%s (%s)".formatted(what, failed.errorCode());
        boolean lately = failed.finished() != null
                && failed.finished().plus(AFTER_A_FAILED_ACTION).isAfter(vm.now());
        return lately
                ? Need.blocked(ACTION_FAILED, message + "; trying again in a moment", SOON)
                : attempt(cloud, ACTION_FAILED, message, remedy);
    }

    /** Exactly the wanted firewall is on the server: a further one would let more in. */
    private static Need<PlainVmStep> attachment(Cloud cloud) {
        Server server = theServer(cloud);
        long wanted = ((Seen<Firewall>) cloud.firewall()).value().id();
        if (cloud.running("apply_firewall", "remove_firewall")) {
            return Need.waitFor(FIREWALL_ATTACHING, "the cloud is changing the server's firewalls", LATER);
        }
        var on = server.firewalls().stream().filter(f -> f.id() == wanted).findFirst();
        if (on.isEmpty()) {
            return attempt(
                    cloud,
                    FIREWALL_ATTACHING,
                    "putting the firewall on the server",
                    new AttachFirewall(wanted, server.id(), cloud.wanted().sharedName()));
        }
        var strange = server.firewalls().stream().filter(f -> f.id() != wanted).findFirst();
        if (strange.isPresent()) {
            return attempt(
                    cloud,
                    FIREWALL_ATTACHING,
                    "taking firewall %d off the server".formatted(strange.get().id()),
                    new DetachFirewall(strange.get().id(), server.id()));
        }
        if (!on.get().applied()) {
            return Need.look(
                    FIREWALL_ATTACHING,
                    "the cloud has not put the firewall into force yet",
                    SOON,
                    new LookAgain(server.id()));
        }
        var gone = tidying(cloud);
        return gone.isEmpty()
                ? Need.met(AS_SPECIFIED, "the rules are as specified, and in force")
                : Need.metWhile(
                        AS_SPECIFIED, "the rules are as specified, and in force", gone.toArray(PlainVmStep[]::new));
    }

    private static List<PlainVmStep> tidying(Cloud cloud) {
        List<PlainVmStep> steps = new ArrayList<>();
        if (cloud.setback(DeleteFirewall.class).isEmpty()) {
            cloud.leftovers().forEach(f -> steps.add(PlainVmDismantler.deletion(f)));
        }
        return steps;
    }

    private static Need<PlainVmStep> power(PlainVmObservation vm, Cloud cloud) {
        Server server = theServer(cloud);
        boolean wantsRunning = vm.spec().operatingMode() == OperatingMode.Running;
        if (cloud.running("start_server", "stop_server", "shutdown_server", "reboot_server", "reset_server")) {
            return wantsRunning
                    ? Need.waitFor(POWERING_ON, "the cloud is changing the server's power", LATER)
                    : Need.waitFor(SHUTTING_DOWN, "the server is going down", LATER);
        }
        return switch (server.status()) {
            case RUNNING -> wantsRunning ? stayUp(vm, cloud, server) : goDown(vm, cloud, server);
            case OFF -> wantsRunning ? comeUp(vm, cloud, server) : Need.met(STOPPED, "the server is off");
            default ->
                Need.look(
                        CLOUD_BUSY,
                        "the server is " + server.status().name().toLowerCase(Locale.ROOT),
                        SOON,
                        new LookAgain(server.id()));
        };
    }

    /** A guest that was asked to shut down, before somebody thought better of it, may still do so. */
    private static Need<PlainVmStep> stayUp(PlainVmObservation vm, Cloud cloud, Server server) {
        return asked(vm, cloud)
                ? Need.look(
                        POWERING_ON,
                        "the guest was asked to shut down a moment ago; if it does, it is powered on again",
                        SOON,
                        new LookAgain(server.id()))
                : Need.met(RUNNING, "the server runs");
    }

    private static boolean asked(PlainVmObservation vm, Cloud cloud) {
        return cloud.shutdownAsked()
                .filter(when -> when.plus(SHUTDOWN_GRACE).isAfter(vm.now()))
                .isPresent();
    }

    private static Need<PlainVmStep> comeUp(PlainVmObservation vm, Cloud cloud, Server server) {
        var failed = cloud.failed("start_server");
        if (failed.isPresent()) {
            return afterAFailure(
                    vm, cloud, failed.get(), "the cloud failed to start the server", new PowerOn(server.id()));
        }
        return attempt(cloud, POWERING_ON, "powering the server on", new PowerOn(server.id()));
    }

    private static Need<PlainVmStep> goDown(PlainVmObservation vm, Cloud cloud, Server server) {
        if (cloud.shutdownAsked().isEmpty()) {
            return attempt(cloud, SHUTTING_DOWN, "asking the guest to shut down", new Shutdown(server.id()));
        }
        if (asked(vm, cloud)) {
            return Need.look(
                    SHUTTING_DOWN,
                    "the guest was asked to shut down; the power is cut if it takes longer than a minute",
                    SOON,
                    new LookAgain(server.id()));
        }
        return attempt(cloud, SHUTTING_DOWN, "cutting the power", new PowerOff(server.id()));
    }

    private static Server theServer(Cloud cloud) {
        return ((Seen<List<Server>>) cloud.servers()).value().getFirst();
    }

    /** Does it, unless it went wrong lately. */
    static Need<PlainVmStep> attempt(Cloud cloud, String reason, String message, PlainVmStep step) {
        return cloud.setback(step.getClass())
                .map((Setback s) -> Need.<PlainVmStep>blocked(
                        s.reason(), message + ": " + s.error().getMessage() + remedy(cloud, step, s.error()), SOON))
                .orElseGet(() -> Need.act(reason, message, step));
    }

    /** What a person can do about it, when only a person can. */
    private static String remedy(Cloud cloud, PlainVmStep step, CloudException error) {
        return switch (error) {
            case CloudException.Invalid invalid -> blame(step, invalid);
            case CloudException.Quota _
            when step instanceof CreateFirewall f && !f.shared() ->
                "; have the limit raised, or let VMs with equal rules share a firewall: ProviderConfig '%s' spec.firewalls: ByContent"
                        .formatted(cloud.provider());
            case CloudException.Quota _ -> "; have the limit raised, or delete what is not needed any more";
            default -> "";
        };
    }

    /** Where in the spec the reason lies, when the cloud refuses what the API server let pass. */
    private static String blame(PlainVmStep step, CloudException.Invalid invalid) {
        String field = switch (step) {
            case CreateFirewall _, SetRules _ -> "spec.firewall.inbound";
            default -> "spec";
        };
        return invalid.fields().isEmpty()
                ? "; change " + field
                : "; change %s (the cloud names %s)".formatted(field, String.join(", ", invalid.fields()));
    }
}
