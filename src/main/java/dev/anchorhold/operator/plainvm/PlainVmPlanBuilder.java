package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.READY;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.adoption.AdoptedJournal;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.Drift;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.server.ServerDrift;
import dev.anchorhold.operator.server.ServerNeeds;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.ServerAsMade;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
    private boolean destroyed;
    private Adoption adopted;

    PlainVmPlanBuilder(PlainVmObservation vm) {
        this.vm = vm;
        this.conditions =
                new Conditions(vm.status().map(PlainVmStatus::conditions).orElse(List.of()), vm.generation(), vm.now());
    }

    /** Records a need's state; true when the next may be checked. */
    boolean require(String condition, Need<PlainVmStep> wanted) {
        var need = vm.held() ? wanted.held(PlainVmStep::onlyLooks) : wanted;
        conditions.set(condition, need);
        steps.addAll(need.steps());
        need.rescheduleAfter().filter(d -> d.compareTo(again) < 0).ifPresent(d -> again = d);
        last = need;
        return need.met();
    }

    /** Nothing is left of it: that is the last that its journal says. */
    void markDestroyed() {
        destroyed = true;
    }

    /** How far it has taken over its predecessor's things, as its status is to have it. */
    void adopt(Adoption it) {
        adopted = it;
    }

    /** Ready is the state of the last need that was checked: the first that is not met, or the last of all. */
    Plan<PlainVmStep, PlainVmStatus> build(boolean all) {
        conditions.set(
                READY,
                all
                        ? Condition.Status.True
                        : last.status() == Condition.Status.True ? Condition.Status.False : last.status(),
                last.reason(),
                all && vm.held() ? last.message() + " (" + ApiNames.PAUSED + " holds it as it is)" : last.message());
        noteDrift();
        return new Plan<>(List.copyOf(steps), Optional.of(status()), again, false);
    }

    /** Something was seen of it that the books are to have before it goes. */
    boolean hasNews() {
        return !journal().equals(PlainVmJournal.onRecord(vm));
    }

    /** Its server is there, and its creation is over; whatever else holds it up. */
    private boolean complete(boolean evenIfFailed) {
        return vm.cloud()
                .map(PlainVmObservation.Cloud::server)
                .filter(s -> s.server().isPresent()
                        && ServerNeeds.provisioned(s, evenIfFailed).met())
                .isPresent();
    }

    private void noteDrift() {
        vm.cloud().ifPresent(cloud -> {
            if (cloud.servers() instanceof Seen<List<Server>>(var all, var _) && all.size() == 1) {
                boolean adopted = vm.status().map(PlainVmStatus::adoption).isPresent();
                var server = all.getFirst();
                var drift = new ArrayList<>(ServerDrift.of(
                        server, asMade(), cloud.identity().expectedName(server.name(), adopted), Set.of()));
                if (cloud.firewall() instanceof Seen<Firewall>(var own, var _)
                        && !cloud.wantedFirewall().shared()) {
                    drift.addAll(
                            firewallDrift(own, server.id(), cloud.identity().expectedName(own.name(), adopted)));
                }
                Drift.note(conditions, drift);
            }
        });
    }

    /** Of a firewall of its own: a shared one is on all who share it. */
    private static List<String> firewallDrift(Firewall own, long server, String wantedName) {
        var drift = new ArrayList<String>();
        if (!own.name().equals(wantedName)) {
            drift.add("the firewall's name is '%s', no longer '%s'".formatted(own.name(), wantedName));
        }
        if (!own.selectors().isEmpty() || own.serverIds().stream().anyMatch(id -> id != server)) {
            drift.add("its firewall is on other servers too");
        }
        return drift;
    }

    private ServerAsMade asMade() {
        var before = vm.status().orElse(PlainVmStatus.NONE);
        var seen = vm.cloud().map(PlainVmObservation.Cloud::server);
        boolean same = seen.flatMap(ServerObservation::server)
                .filter(s -> Long.valueOf(s.id()).equals(before.serverId()))
                .isPresent();
        return seen.map(s -> ServerDrift.asMade(s, before.asMade(), same ? before.serverType() : null, complete(false)))
                .orElse(before.asMade());
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
        String provisionedAt = complete(wasProvisioned(vm)) && (another || before.provisionedAt() == null)
                ? server.get().created().toString()
                : another ? null : before.provisionedAt();
        return new PlainVmStatus(
                vm.vm().getMetadata().getUid(),
                vm.generation(),
                before.providerConfig() != null
                        ? before.providerConfig()
                        : cloud.filter(_ -> vm.refusal().isEmpty() || server.isPresent() || firewall.isPresent())
                                .map(PlainVmObservation.Cloud::provider)
                                .orElse(null),
                cloud.flatMap(PlainVmObservation.Cloud::sealedKey).orElse(before.sealedKeyId()),
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
                adopted != null ? adopted : before.adoption(),
                asMade(),
                journal().withoutDelivered(delivered).entries(),
                conditions.toList());
    }

    /** Of a server that is held nobody tidies away what its creation failed to do: it stands, and counts. */
    private StatusJournal journal() {
        var vmJournal = new PlainVmJournal(vm);
        if (destroyed) {
            return vmJournal.destroyed();
        }
        if (adopted != null && adopted.isCompleted()) {
            Optional<State> seen = vm.cloud().flatMap(c -> c.server().server()).map(_ -> State.Running);
            return AdoptedJournal.begin(
                    vm.vm(),
                    PlainVmJournal.onRecord(vm),
                    adopted,
                    seen,
                    vm.spec().account(),
                    Optional.empty());
        }
        boolean complete = complete(wasProvisioned(vm) || vm.held());
        return vm.deleting() ? vmJournal.beforeTheEnd(complete) : vmJournal.next(complete);
    }

    private static String state(Server server) {
        return switch (server.status()) {
            case RUNNING -> "Running";
            case OFF -> "Stopped";
            default -> "Changing";
        };
    }
}
