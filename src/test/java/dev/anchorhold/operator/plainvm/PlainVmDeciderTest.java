package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.operator.plainvm.PlainVmObservationBuilder.*;
import static dev.anchorhold.resource.Reasons.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server.Attached;
import dev.anchorhold.cloud.hetzner.Server.Status;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.ServerStep.*;
import dev.anchorhold.operator.server.ServerTypeCandidates.Candidate;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVmStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests of the PlainVm's decider, as a table of observations and plans. */
class PlainVmDeciderTest {
    private static final String OLD = "0a1b2c3d-7a3e-4a53-9b0f-0d4b1a2c3e4f";
    private Plan<PlainVmStep, PlainVmStatus> plan;

    private PlainVmDeciderTest when(PlainVmObservationBuilder seen) {
        plan = PlainVmDecider.decide(seen.build());
        return this;
    }

    private PlainVmDeciderTest does(PlainVmStep... steps) {
        assertThat(plan.steps()).containsExactly(steps);
        return this;
    }

    private Condition ready(String reason) {
        var ready =
                Condition.find(plan.status().orElseThrow().conditions(), READY).orElseThrow();
        assertThat(ready.reason()).isEqualTo(reason);
        return ready;
    }

    @Test
    void the_provider_is_on_record_before_anything_is_made() {
        when(new PlainVmObservationBuilder().neverSeen()).does();
        assertThat(plan.status().orElseThrow().providerConfig()).isEqualTo("local");
        assertThat(plan.rescheduleAfter()).isZero();
    }

    @Test
    void the_firewall_comes_first() {
        when(new PlainVmObservationBuilder())
                .does(new CreateFirewall(IDENTITY.firewallName(), IDENTITY.labels(), SSH, false))
                .ready(FIREWALL_CREATING);
    }

    @Test
    void then_the_server_with_the_firewall_in_its_create_call() {
        when(new PlainVmObservationBuilder().firewall())
                .does(new CreateServer("cx23", "hel1", 7, FIREWALL, ""))
                .ready(SERVER_CREATING);
    }

    @Test
    void a_new_firewalls_rules_come_into_force_while_the_server_is_made() {
        when(new PlainVmObservationBuilder().firewall().running("set_firewall_rules"))
                .does(new CreateServer("cx23", "hel1", 7, FIREWALL, ""));
        when(new PlainVmObservationBuilder()
                        .firewall()
                        .server(Status.INITIALIZING)
                        .running("set_firewall_rules")
                        .running("create_server"))
                .does()
                .ready(SERVER_CREATING);
        when(new PlainVmObservationBuilder().firewall(RuleSet.EMPTY).running("set_firewall_rules"))
                .does()
                .ready(RULES_CHANGING);
        when(new PlainVmObservationBuilder().firewall().server(Status.RUNNING).running("set_firewall_rules"))
                .does()
                .ready(RULES_CHANGING);
    }

    @Test
    void a_server_that_is_being_made_was_never_ready() {
        when(new PlainVmObservationBuilder()
                .firewall()
                .server(Status.INITIALIZING)
                .running("create_server"));
        assertThat(plan.status().orElseThrow().provisionedAt()).isNull();
    }

    @Test
    void F05_slow_is_not_failed() {
        when(new PlainVmObservationBuilder()
                        .firewall()
                        .server(Status.INITIALIZING)
                        .running("create_server"))
                .does()
                .ready(SERVER_CREATING);
        when(new PlainVmObservationBuilder().firewall().server(Status.INITIALIZING))
                .does()
                .ready(SERVER_CREATING);
    }

    @Test
    void ready_when_everything_holds() {
        when(new PlainVmObservationBuilder().firewall().server(Status.RUNNING)).does();
        assertThat(ready(RUNNING).holds()).isTrue();
        var status = plan.status().orElseThrow();
        assertThat(status.ipv4()).isEqualTo("203.0.113.7");
        assertThat(status.ipv6()).isEqualTo("2001:db8:aa:1::1");
        assertThat(status.provisionedAt()).isEqualTo("2026-11-24T11:00:00Z");
        assertThat(status.state()).isEqualTo("Running");
    }

    @Test
    void F08_nothing_is_written_when_nothing_changed() {
        when(new PlainVmObservationBuilder().firewall().server(Status.RUNNING));
        var first = plan.status().orElseThrow();
        when(new PlainVmObservationBuilder().status(first).firewall().server(Status.RUNNING))
                .does();
        assertThat(plan.status()).contains(first);
    }

    @Test
    void F08_while_an_operator_that_was_started_again_gets_its_bearings_nothing_is_said() {
        when(new PlainVmObservationBuilder().provisioned().noCloud()).does();
        assertThat(plan.status()).isEmpty();
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .server(Status.RUNNING)
                        .firewallUnknown(NOW))
                .does();
        assertThat(plan.status()).isEmpty();
    }

    @Test
    void F04_a_server_that_should_run_and_is_off_is_powered_on() {
        when(new PlainVmObservationBuilder().provisioned().firewall().server(Status.OFF))
                .does(new OnServer(new PowerOn(SERVER)))
                .ready(POWERING_ON);
    }

    @Test
    void F04_a_failed_start_is_tried_again_after_a_while() {
        when(new PlainVmObservationBuilder().firewall().server(Status.OFF).failed("start_server", NOW.minusSeconds(5)))
                .does()
                .ready(ACTION_FAILED);
        when(new PlainVmObservationBuilder().firewall().server(Status.OFF).failed("start_server", NOW.minusSeconds(40)))
                .does(new OnServer(new PowerOn(SERVER)));
    }

    @Test
    void a_failed_creation_is_removed_and_made_again_but_never_a_server_that_was_ready_once() {
        when(new PlainVmObservationBuilder()
                        .firewall()
                        .server(Status.OFF)
                        .failed("create_server", NOW.minusSeconds(40)))
                .does(new OnServer(new DeleteServer(SERVER)));
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.OFF)
                        .failed("create_server", NOW.minusSeconds(40)))
                .does(new OnServer(new PowerOn(SERVER)));
    }

    @Test
    void stopping_asks_the_guest_and_cuts_the_power_after_a_minute() {
        when(new PlainVmObservationBuilder().stopped().provisioned().firewall().server(Status.RUNNING))
                .does(new OnServer(new Shutdown(SERVER)))
                .ready(SHUTTING_DOWN);
        when(new PlainVmObservationBuilder()
                        .stopped()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .shutdownRequested(NOW.minusSeconds(10)))
                .does(new OnServer(new RereadServer(SERVER)))
                .ready(SHUTTING_DOWN);
        when(new PlainVmObservationBuilder()
                        .stopped()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .shutdownRequested(NOW.minusSeconds(61)))
                .does(new OnServer(new PowerOff(SERVER)));
        when(new PlainVmObservationBuilder().stopped().provisioned().firewall().server(Status.OFF))
                .does();
        assertThat(ready(STOPPED).holds()).isTrue();
    }

    @Test
    void F26_changed_rules_and_a_detached_or_foreign_firewall_are_put_right() {
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall(RuleSet.EMPTY)
                        .server(Status.RUNNING))
                .does(new SetRules(FIREWALL, SSH, ""))
                .ready(RULES_CHANGING);
        when(new PlainVmObservationBuilder().provisioned().firewall().server(Status.RUNNING, new Attached[0]))
                .does(new OnServer(new AttachFirewall(FIREWALL, SERVER, "")));
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING, new Attached(FIREWALL, "applied"), new Attached(99, "applied")))
                .does(new OnServer(new DetachFirewall(99, SERVER)));
    }

    @Test
    void a_firewall_not_yet_in_force_is_not_ready() {
        when(new PlainVmObservationBuilder().firewall().server(Status.RUNNING, new Attached(FIREWALL, "pending")))
                .does(new OnServer(new RereadServer(SERVER)))
                .ready(FIREWALL_ATTACHING);
    }

    @Test
    void what_was_seen_long_ago_is_not_called_ready() {
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .seenAt(NOW.minusSeconds(600)))
                .does();
        assertThat(ready(INVENTORY_STALE).status()).isEqualTo(Condition.Status.Unknown);
    }

    @Test
    void rules_that_failed_to_come_into_force_are_reported_and_set_again() {
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .failed("apply_firewall", NOW.minusSeconds(5)))
                .does()
                .ready(ACTION_FAILED);
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .failed("apply_firewall", NOW.minusSeconds(40)))
                .does(new SetRules(FIREWALL, SSH, ""));
    }

    @Test
    void a_guest_asked_to_shut_down_is_watched_when_it_should_run_again() {
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .shutdownRequested(NOW.minusSeconds(10)))
                .does(new OnServer(new RereadServer(SERVER)))
                .ready(POWERING_ON);
    }

    @Test
    void an_orphan_lets_go_of_every_firewall_of_its_own() {
        when(new PlainVmObservationBuilder().orphan().provisioned().deleting().leftover(77))
                .does(new DisownFirewall(77));
    }

    @Test
    void F12_unknown_is_not_absent() {
        when(new PlainVmObservationBuilder().provisioned().unknown(NOW.minusSeconds(10)))
                .does();
        assertThat(plan.status()).isEmpty();
        when(new PlainVmObservationBuilder().provisioned().unknown(NOW.minusSeconds(600)))
                .does();
        assertThat(ready(INVENTORY_STALE).status()).isEqualTo(Condition.Status.Unknown);
    }

    @Test
    void a_server_deleted_behind_our_back_is_reported_and_made_again_only_when_the_spec_says_so() {
        when(new PlainVmObservationBuilder().provisioned().firewall()).does().ready(SERVER_LOST);
        assertThat(plan.status().orElseThrow().state()).isEqualTo("Lost");
        var afterwards = plan.status().orElseThrow();
        when(new PlainVmObservationBuilder().status(afterwards).firewall())
                .does()
                .ready(SERVER_LOST);
        when(new PlainVmObservationBuilder().status(afterwards).recreate().firewall())
                .does(new CreateServer("cx23", "hel1", 7, FIREWALL, ""));
    }

    @Test
    void F06_F11_the_next_candidate_is_taken_and_else_the_condition_says_which_were_tried() {
        var soldOut = new Candidate("cx23", false, "sold out", Optional.of(7L));
        when(new PlainVmObservationBuilder()
                        .firewall()
                        .candidates(soldOut, new Candidate("cpx22", true, "available", Optional.of(7L))))
                .does(new CreateServer("cpx22", "hel1", 7, FIREWALL, ""));
        when(new PlainVmObservationBuilder().firewall().candidates(soldOut)).does();
        assertThat(ready(CAPACITY_EXHAUSTED).message()).contains("cx23 (sold out)");
    }

    @Test
    void a_failure_is_reported_and_waited_for() {
        when(new PlainVmObservationBuilder()
                        .firewall()
                        .failure(
                                CreateServer.class,
                                new CloudException.Quota(
                                        new Detail("resource_limit_exceeded", "server limit exceeded", ""), "")))
                .does();
        assertThat(ready(CLOUD_LIMIT_REACHED).message()).contains("server limit exceeded");
    }

    @Test
    void F02_doubles_are_not_touched() {
        when(new PlainVmObservationBuilder().provisioned().firewall().twoServers())
                .does()
                .ready(DUPLICATE_SERVERS);
    }

    @Test
    void nothing_is_built_for_the_refused() {
        when(new PlainVmObservationBuilder().neverSeen().refused(QUOTA_EXCEEDED))
                .does()
                .ready(QUOTA_EXCEEDED);
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.OFF)
                        .refused(ACCOUNT_NOT_FOUND))
                .does()
                .ready(ACCOUNT_NOT_FOUND);
    }

    @Test
    void H01_a_held_object_is_left_alone_even_in_its_deletion_and_says_so() {
        when(new PlainVmObservationBuilder().annotated(ApiNames.PAUSED)).does().ready(HELD);
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .firewall()
                        .server(Status.RUNNING)
                        .leftover(9)
                        .annotated(ApiNames.PAUSED))
                .does();
        assertThat(ready(RUNNING).message()).contains(ApiNames.PAUSED);
        when(new PlainVmObservationBuilder().annotated(ApiNames.PAUSED).refused(QUOTA_EXCEEDED))
                .does()
                .ready(QUOTA_EXCEEDED);
        when(new PlainVmObservationBuilder()
                        .deleting()
                        .annotated(ApiNames.PAUSED)
                        .annotated(ApiNames.ABANDON)
                        .deletionChecked(new DeletionCheck.Gone())
                        .server(Status.RUNNING))
                .does()
                .ready(HELD);
        assertThat(plan.finalizerReleased()).isFalse();
    }

    // ---- deletion

    @Test
    void F16_deletion_is_sent_in_any_state() {
        for (var state : List.of(Status.INITIALIZING, Status.RUNNING, Status.OFF, Status.STARTING)) {
            when(new PlainVmObservationBuilder()
                            .provisioned()
                            .deleting()
                            .firewall()
                            .server(state)
                            .running("create_server"))
                    .does(new OnServer(new DeleteServer(SERVER)))
                    .ready(DELETING);
        }
    }

    @Test
    void F17_the_firewall_goes_after_the_server() {
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .deleting()
                        .firewall()
                        .server(Status.DELETING)
                        .running("delete_server"))
                .does();
        when(new PlainVmObservationBuilder().provisioned().deleting().firewall())
                .does(new DeleteFirewall(FIREWALL, ""));
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .deleting()
                        .firewall()
                        .failure(
                                DeleteFirewall.class,
                                new CloudException.InUse(new Detail("resource_in_use", "in use", ""))))
                .does()
                .ready(CLOUD_BUSY);
    }

    @Test
    void F14_the_finalizer_goes_only_after_a_last_check() {
        when(new PlainVmObservationBuilder().deleting()).does(new ConfirmGone());
        assertThat(plan.finalizerReleased()).isFalse();
        when(new PlainVmObservationBuilder().deleting().deletionChecked(new DeletionCheck.StillThere("server 5")))
                .does();
        assertThat(plan.finalizerReleased()).isFalse();
        when(new PlainVmObservationBuilder().deleting().deletionChecked(new DeletionCheck.Gone()));
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void F15_without_credentials_the_finalizer_stays_and_an_annotation_is_the_only_way_out() {
        when(new PlainVmObservationBuilder().provisioned().deleting().noCloud().refused(CREDENTIALS_MISSING))
                .does()
                .ready(CREDENTIALS_MISSING);
        when(new PlainVmObservationBuilder()
                        .provisioned()
                        .deleting()
                        .unknown(NOW)
                        .refused(CREDENTIALS_INVALID))
                .does()
                .ready(CREDENTIALS_INVALID);
        assertThat(plan.finalizerReleased()).isFalse();
        when(new PlainVmObservationBuilder().provisioned().deleting().noCloud().annotated(ApiNames.ABANDON));
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void what_never_had_a_provider_just_goes() {
        when(new PlainVmObservationBuilder().neverSeen().deleting().noCloud().refused(ACCOUNT_NOT_FOUND));
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void an_orphan_is_let_go_with_its_firewall() {
        when(new PlainVmObservationBuilder()
                        .orphan()
                        .provisioned()
                        .deleting()
                        .firewall()
                        .server(Status.RUNNING))
                .does(new OnServer(new DisownServer(SERVER)), new DisownFirewall(FIREWALL));
        when(new PlainVmObservationBuilder().orphan().provisioned().deleting()).does(new ConfirmGone());
    }

    @Test
    void H09_what_a_predecessor_left_is_taken_over_before_all_else_and_the_journal_begins_at_the_end() {
        var take = new OnAdoption(new AdoptionStep.TakeServer(SERVER, OLD));
        var begun = new Adoption(OLD, "2026-11-24T11:59:00.000000Z", "Running", null, false);
        when(adopting(null, take).neverSeen()).does().ready(ADOPTING);
        assertThat(plan.status().orElseThrow())
                .returns("local", PlainVmStatus::providerConfig)
                .returns(OLD, s -> s.adoption().from());
        when(adopting(begun, take).firewall()).does(take).ready(ADOPTING);
        when(adopting(begun, take).deleting()).does(take).ready(ADOPTING);
        when(adopting(begun, take).server(Status.RUNNING)).does(take);
        assertThat(plan.status().orElseThrow().journal())
                .as("it is its predecessor's yet, as far as the books know")
                .isEmpty();
        when(adopting(begun).firewall().server(Status.RUNNING)).does();
        assertThat(plan.status().orElseThrow().adoption()).isEqualTo(begun.complete(null));
        assertThat(plan.status().orElseThrow().journal()).singleElement().satisfies(e -> {
            assertThat(e.event() + " " + e.state() + " " + e.at()).isEqualTo("provision Running " + begun.at());
            assertThat(e.by()).contains("adopted from " + OLD);
        });
    }

    @Test
    void H09_an_entry_that_was_told_before_its_adoption_was_on_record_stays_as_it_was_told() {
        var begun = new Adoption(OLD, "2026-11-24T11:59:00.000000Z", "Running", null, false);
        var told = new StatusJournal(List.of()).provision(NOW.minusSeconds(60), State.Running, "acme", "somebody else");
        when(adopting(begun)
                .adopted(begun, told.entries())
                .account("other")
                .firewall()
                .server(Status.RUNNING));
        assertThat(plan.status().orElseThrow())
                .returns(begun.complete(null), PlainVmStatus::adoption)
                .returns(told.entries(), PlainVmStatus::journal);
    }

    private static PlainVmObservationBuilder adopting(Adoption begun, PlainVmStep... left) {
        return new PlainVmObservationBuilder()
                .delivery()
                .adopted(begun)
                .adoption(new AdoptionObservation<>(
                        new AdoptionObservation.Wanted("PlainVm", "acme", "eu", "small"),
                        OLD,
                        Optional.ofNullable(begun),
                        Optional.empty(),
                        List.of(),
                        List.of(new AdoptionObservation.Left<>(
                                "server", true, new Sighting.Seen<>(List.of(left), NOW))),
                        List.of(),
                        null,
                        false,
                        Optional.empty(),
                        DeliveryStatus.NEW));
    }
}
