package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.READY;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.Reasons;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds a PlainVm's plan from the needs that the decider checks: steps to take, conditions and the other fields of
 * status.
 */
final class PlainVmPlanBuilder {
    private final PlainVmObservation vm;
    private final Conditions conditions;
    private final List<PlainVmStep> steps = new ArrayList<>();
    private Duration again = Plan.RESYNC_INTERVAL;
    private Need<PlainVmStep> last;
    private boolean provisioned;
    private boolean destroyed;

    PlainVmPlanBuilder(PlainVmObservation vm) {
        this.vm = vm;
        this.conditions =
                new Conditions(vm.status().map(PlainVmStatus::conditions).orElse(List.of()), vm.generation(), vm.now());
    }

    /** Records a need's state; true when the next may be checked. */
    boolean require(String condition, Need<PlainVmStep> need) {
        conditions.set(condition, need);
        steps.addAll(need.steps());
        need.rescheduleAfter().filter(d -> d.compareTo(again) < 0).ifPresent(d -> again = d);
        last = need;
        provisioned |= condition.equals(Reasons.SERVER_PROVISIONED) && need.met();
        return need.met();
    }

    /** Nothing is left of it: that is the last that its journal says. */
    void markDestroyed() {
        destroyed = true;
    }

    /** Ready is the state of the last need that was checked: the first that is not met, or the last of all. */
    Plan<PlainVmStep, PlainVmStatus> build(boolean all) {
        conditions.set(
                READY,
                all
                        ? Condition.Status.True
                        : last.status() == Condition.Status.True ? Condition.Status.False : last.status(),
                last.reason(),
                last.message());
        return new Plan<>(List.copyOf(steps), Optional.of(status()), again, false);
    }

    /** There was a server, complete, and its disk may have held something. */
    static boolean wasProvisioned(PlainVmObservation vm) {
        return vm.status().map(PlainVmStatus::provisionedAt).isPresent();
    }

    /** What the books have goes from the journal with a change, but is none. */
    private PlainVmStatus status() {
        var before = vm.status().orElse(PlainVmStatus.NONE);
        var whole = status(before, Long.MIN_VALUE);
        return whole.equals(before)
                ? whole
                : status(
                        before,
                        vm.deliveryStatus().map(DeliveryStatus::delivered).orElse(0L));
    }

    private PlainVmStatus status(PlainVmStatus before, long delivered) {
        var cloud = vm.cloud();
        Optional<Server> server = cloud.map(PlainVmObservation.Cloud::servers)
                .filter(Seen.class::isInstance)
                .map(s -> ((Seen<List<Server>>) s).value().getFirst());
        boolean absent = cloud.filter(c -> c.servers() instanceof Absent).isPresent();
        Optional<Long> firewall = cloud.map(PlainVmObservation.Cloud::firewall)
                .filter(Seen.class::isInstance)
                .map(s -> ((Seen<Firewall>) s).value().id());
        boolean another =
                server.isPresent() && before.serverId() != null && server.get().id() != before.serverId();
        String provisionedAt = server.isPresent() && provisioned && (another || before.provisionedAt() == null)
                ? server.get().created().toString()
                : another ? null : before.provisionedAt();
        return new PlainVmStatus(
                vm.generation(),
                before.providerConfig() != null
                        ? before.providerConfig()
                        : cloud.map(PlainVmObservation.Cloud::provider).orElse(null),
                server.map(Server::id).orElse(before.serverId()),
                server.map(Server::name).orElse(before.serverName()),
                server.map(s -> s.serverType().name()).orElse(before.serverType()),
                server.map(s -> s.location().name()).orElse(before.location()),
                firewall.orElse(absent ? null : before.firewallId()),
                server.flatMap(Server::ipv4).orElse(absent ? null : before.ipv4()),
                server.flatMap(Server::ipv6).orElse(absent ? null : before.ipv6()),
                server.map(PlainVmPlanBuilder::state)
                        .orElse(!absent ? before.state() : before.serverId() == null ? null : "Lost"),
                provisionedAt,
                vm.spec().oneTimePassword() && server.isPresent()
                        ? OneTimePasswordSecret.name(vm.vm())
                        : before.oneTimePasswordSecret(),
                journal(provisionedAt != null).withoutDelivered(delivered).entries(),
                conditions.toList());
    }

    private StatusJournal journal(boolean provisioned) {
        var vmJournal = new PlainVmJournal(vm);
        if (destroyed) {
            return vmJournal.destroyed();
        }
        return vm.deleting() ? PlainVmJournal.onRecord(vm) : vmJournal.next(provisioned);
    }

    private static String state(Server server) {
        return switch (server.status()) {
            case RUNNING -> "Running";
            case OFF -> "Stopped";
            default -> "Changing";
        };
    }
}
