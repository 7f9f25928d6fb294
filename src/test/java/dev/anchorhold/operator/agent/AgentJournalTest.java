package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentObservationBuilder.NOW;
import static dev.anchorhold.operator.agent.AgentObservationBuilder.SERVER;
import static dev.anchorhold.resource.AgentSpec.PausePolicy.PowerOff;
import static dev.anchorhold.resource.AgentSpec.PausePolicy.ReleaseServer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.hetzner.Server.Status;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.journal.JournalLines;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.Reasons;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of an Agent's journal entries, as a table of observations. */
class AgentJournalTest {
    private static final Instant EARLIER = NOW.minusSeconds(3600);
    private static final int GIB = 10;
    private static final StatusJournal NOTHING = new StatusJournal(List.of());
    private static final StatusJournal RUNNING = NOTHING.provision(EARLIER, State.Running, "acme", "ann", GIB);
    private static final StatusJournal PAUSED = RUNNING.stop(EARLIER, State.Paused, "ann");

    private Plan<AgentStep, AgentStatus> plan;

    // ---- the beginning

    @Test
    void an_agent_is_provisioned_when_its_server_runs_and_its_creation_has_succeeded() {
        assertThat(newEntries(onRecord(NOTHING).server(Status.INITIALIZING))).isEmpty();
        assertThat(newEntries(onRecord(NOTHING).running("create_server"))).isEmpty();
        assertThat(newEntries(onRecord(NOTHING).server(Status.OFF).running("start_server")))
                .isEmpty();
        assertThat(newEntries(onRecord(NOTHING)
                        .fieldsWrittenBy("kubectl", EARLIER, "account", "operatingMode")
                        .finished("create_server", NOW.minusSeconds(8))
                        .finished("start_server", NOW.minusSeconds(5).plusNanos(123_456_789))))
                .containsExactly("1 11:59:55.123456 provision Running acme by kubectl");
    }

    @Test
    void one_that_is_made_paused_is_provisioned_when_all_else_stands() {
        assertThat(newEntries(new AgentObservationBuilder()
                        .delivery()
                        .prepared()
                        .paused(PowerOff)
                        .noVolume()))
                .isEmpty();
        assertThat(newEntries(
                        new AgentObservationBuilder().delivery().prepared().paused(PowerOff)))
                .containsExactly("1 12:00:00.000000 provision Paused acme");
    }

    @Test
    void what_was_handed_over_before_it_stood_is_the_new_owners_from_its_provisioning_on() {
        assertThat(newEntries(
                        onRecord(NOTHING).status(s -> s.put("account", "other")).account("other")))
                .containsExactly("1 12:00:00.000000 provision Running other");
    }

    // ---- its volume

    @Test
    void H05_each_entry_tells_how_much_the_volume_holds_also_while_it_is_paused() {
        assertThat(journal(onRecord(NOTHING)).volumeGiB()).hasValue(GIB);
        assertThat(journal(onRecord(RUNNING).paused(PowerOff).server(Status.OFF))
                        .volumeGiB())
                .hasValue(GIB);
        assertThat(newEntries(onRecord(RUNNING)
                        .size(20)
                        .volume(20, SERVER)
                        .fieldsWrittenBy("ben", NOW.minusSeconds(70), "dataVolume")
                        .finished("resize_volume", NOW.minusSeconds(3))))
                .containsExactly("2 11:59:57.000000 resize Running acme by ben");
        assertThat(newEntries(
                        onRecord(PAUSED).paused(PowerOff).server(Status.OFF).volume(30, SERVER)))
                .as("somebody else grew it")
                .containsExactly("3 12:00:00.000000 resize Paused acme");
        assertThat(journal(onRecord(RUNNING).noVolume()).volumeGiB())
                .as("somebody deleted it")
                .hasValue(0);
        assertThat(newEntries(onRecord(RUNNING))).isEmpty();
    }

    @Test
    void H05_what_was_provisioned_before_journals_told_of_volumes_tells_of_it_now() {
        var before = NOTHING.provision(EARLIER, State.Running, "acme", "ann");
        assertThat(newEntries(onRecord(before))).containsExactly("2 12:00:00.000000 resize Running acme");
        assertThat(journal(onRecord(before)).volumeGiB()).hasValue(GIB);
    }

    private StatusJournal journal(AgentObservationBuilder seen) {
        return new StatusJournal(decide(seen).journal());
    }

    // ---- pausing and resuming

    @Test
    void it_stops_when_its_server_is_seen_off_in_the_name_of_who_wrote_the_mode() {
        var pauseRequested =
                onRecord(RUNNING).paused(PowerOff).fieldsWrittenBy("ben", NOW.minusSeconds(70), "operatingMode");
        assertThat(newEntries(pauseRequested.running("shutdown_server"))).isEmpty();
        assertThat(newEntries(onRecord(RUNNING)
                        .paused(PowerOff)
                        .fieldsWrittenBy("ben", NOW.minusSeconds(70), "operatingMode")
                        .server(Status.OFF)
                        .finished("shutdown_server", NOW.minusSeconds(30))))
                .as("a shutdown that has ended is a signal that was sent")
                .containsExactly("2 12:00:00.000000 stop Paused acme by ben");
        assertThat(newEntries(onRecord(RUNNING)
                        .paused(PowerOff)
                        .fieldsWrittenBy("ben", NOW.minusSeconds(70), "operatingMode")
                        .server(Status.OFF)
                        .finished("stop_server", NOW.minusSeconds(2))))
                .containsExactly("2 11:59:58.000000 stop Paused acme by ben");
    }

    @Test
    void a_server_that_goes_for_the_pause_stops_once() {
        var before = onRecord(RUNNING).paused(ReleaseServer).server(Status.DELETING);
        assertThat(newEntries(before)).containsExactly("2 12:00:00.000000 stop Paused acme");
        assertThat(newEntries(onRecord(PAUSED).paused(ReleaseServer).noServer()))
                .isEmpty();
    }

    @Test
    void it_starts_when_its_server_is_seen_running_again() {
        assertThat(newEntries(onRecord(PAUSED).server(Status.OFF))).isEmpty();
        assertThat(newEntries(onRecord(PAUSED).running("start_server"))).isEmpty();
        assertThat(newEntries(onRecord(PAUSED)
                        .fieldsWrittenBy("ben", NOW.minusSeconds(70), "operatingMode")
                        .finished("start_server", NOW.minusSeconds(3))))
                .containsExactly("3 11:59:57.000000 start Running acme by ben");
        assertThat(newEntries(onRecord(PAUSED).finished("create_server", NOW.minusSeconds(4))))
                .as("made anew after a pause without a server")
                .containsExactly("3 11:59:56.000000 start Running acme");
    }

    @Test
    void an_action_of_long_ago_says_nothing_of_today() {
        assertThat(newEntries(onRecord(PAUSED).finished("start_server", EARLIER.minusSeconds(1))))
                .containsExactly("3 12:00:00.000000 start Running acme");
    }

    @Test
    void F43_a_clock_that_is_set_back_turns_no_time_back() {
        var ahead = NOTHING.provision(NOW.plusSeconds(5), State.Running, "acme", null, GIB);
        assertThat(newEntries(onRecord(ahead).paused(PowerOff).server(Status.OFF)))
                .containsExactly("2 12:00:05.000000 stop Paused acme");
    }

    // ---- what nobody asked for

    @Test
    void what_happens_in_the_cloud_alone_happens_in_nobodys_name_and_so_does_what_heals_it() {
        var off = onRecord(RUNNING)
                .fieldsWrittenBy("ann", EARLIER.minusSeconds(5), "operatingMode")
                .server(Status.OFF)
                .running("start_server")
                .finished("stop_server", NOW.minusSeconds(9));
        assertThat(newEntries(off)).containsExactly("2 11:59:51.000000 stop Paused acme");
        var stopped = RUNNING.stop(NOW.minusSeconds(9), State.Paused, null);
        assertThat(newEntries(onRecord(stopped).fieldsWrittenBy("ann", EARLIER.minusSeconds(5), "operatingMode")))
                .containsExactly("3 12:00:00.000000 start Running acme");
        assertThat(newEntries(onRecord(stopped).fieldsWrittenBy("ann", NOW.minusSeconds(9), "operatingMode")))
                .as("unless somebody asked for it since")
                .containsExactly("3 12:00:00.000000 start Running acme by ann");
    }

    @Test
    void a_server_that_is_lost_runs_no_more_until_another_does() {
        assertThat(newEntries(onRecord(RUNNING).noServer())).containsExactly("2 12:00:00.000000 stop Paused acme");
        assertThat(newEntries(onRecord(RUNNING).noServer().finished("delete_server", NOW.minusSeconds(7))))
                .containsExactly("2 11:59:53.000000 stop Paused acme");
    }

    @Test
    void one_that_was_replaced_between_two_reconciles_stopped_in_between() {
        var replaced = onRecord(RUNNING)
                .status(s -> s.put("serverId", SERVER - 1))
                .finished("delete_server", NOW.minusSeconds(7))
                .finished("create_server", NOW.plusSeconds(2));
        assertThat(newEntries(replaced))
                .containsExactly("2 11:59:53.000000 stop Paused acme", "3 12:00:02.000000 start Running acme");
    }

    @Test
    void while_nobody_knows_nothing_is_recorded() {
        assertThat(newEntries(onRecord(RUNNING).unknown(NOW.minusSeconds(600)))).isEmpty();
        assertThat(newEntries(onRecord(RUNNING).server(Status.MIGRATING))).isEmpty();
        assertThat(newEntries(onRecord(RUNNING).server(Status.DELETING))).isEmpty();
        assertThat(newEntries(onRecord(RUNNING).noCloud())).isEmpty();
    }

    // ---- another owner

    @Test
    void a_transfer_is_recorded_when_the_old_owner_is_cut_off_at_the_instant_that_status_names() {
        assertThat(newEntries(onRecord(RUNNING).account("other"))).isEmpty();
        var transferred = onRecord(RUNNING)
                .account("other")
                .rotatedFor("other")
                .fieldsWrittenBy("eve", NOW.minusSeconds(1), "account");
        assertThat(newEntries(transferred))
                .containsExactly("2 12:00:00.000000 transfer Running other from acme by eve");
        assertThat(plan.status().orElseThrow().accountSince()).isEqualTo("2026-11-24T12:00:00.000000Z");
        var ahead = NOTHING.provision(NOW.plusSeconds(5), State.Running, "acme", null, GIB);
        assertThat(newEntries(onRecord(ahead).account("other").rotatedFor("other")))
                .containsExactly("2 12:00:05.000000 transfer Running other from acme");
        assertThat(plan.status().orElseThrow().accountSince()).isEqualTo("2026-11-24T12:00:05.000000Z");
    }

    @Test
    void several_changes_at_once_make_several_entries() {
        assertThat(newEntries(onRecord(PAUSED)
                        .account("other")
                        .rotatedFor("other")
                        .finished("start_server", NOW.minusSeconds(3))))
                .containsExactly(
                        "3 11:59:57.000000 start Running acme", "4 12:00:00.000000 transfer Running other from acme");
    }

    // ---- what is on record

    @Test
    void what_is_delivered_goes_with_the_next_change_and_is_none() {
        var same = decide(onRecord(PAUSED).paused(PowerOff).server(Status.OFF));
        assertThat(same.journal()).hasSize(2);
        var settled = new AgentObservationBuilder()
                .whole()
                .provisioned()
                .last(same)
                .paused(PowerOff)
                .server(Status.OFF);
        assertThat(decide(settled.delivery(2, null)))
                .as("nothing changed, so nothing is written")
                .isEqualTo(same);
        var resumed =
                new AgentObservationBuilder().whole().provisioned().last(same).delivery(2, null);
        assertThat(decide(resumed).journal()).extracting(JournalEntry::sequence).containsExactly(3L);
    }

    @Test
    void without_a_companion_there_is_no_journal() {
        assertThat(decide(new AgentObservationBuilder().whole().provisioned()).journal())
                .isEmpty();
    }

    // ---- the end

    @Test
    void its_end_is_on_record_before_the_books_are_waited_for() {
        var nothingLeft = deleting(RUNNING).deletionChecked(new DeletionCheck.Gone());
        assertThat(newEntries(nothingLeft)).containsExactly("2 12:00:00.000000 destroy acme");
        assertThat(plan.finalizerReleased()).isFalse();
        assertThat(plan.rescheduleAfter()).isZero();
        assertThat(newEntries(deleting(RUNNING)
                        .deletionChecked(new DeletionCheck.Gone())
                        .finished("delete_server", NOW.plusSeconds(1))))
                .containsExactly("2 12:00:01.000000 destroy acme");
        assertThat(newEntries(deleting(PAUSED)
                        .deletionChecked(new DeletionCheck.Gone())
                        .finished("delete_server", NOW.minusSeconds(100))))
                .as("the server went for a pause")
                .containsExactly("3 12:00:00.000000 destroy acme");
    }

    @Test
    void H01_while_it_is_deleted_what_was_seen_is_told_first_and_then_nothing_but_its_end() {
        assertThat(newEntries(deleting(RUNNING))).isEmpty();
        assertThat(newEntries(deleting(RUNNING).server(Status.DELETING).account("other")))
                .isEmpty();
        assertThat(newEntries(deleting(RUNNING).server(Status.RUNNING).running("delete_server")))
                .isEmpty();
        assertThat(newEntries(deleting(RUNNING).server(Status.OFF).account("other")))
                .containsExactly("2 12:00:00.000000 stop Paused acme");
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.rescheduleAfter()).isZero();
        assertThat(newEntries(deleting(NOTHING).server(Status.RUNNING).annotated(ApiNames.ABANDON)))
                .containsExactly("1 12:00:00.000000 provision Running acme");
        assertThat(plan.finalizerReleased()).isFalse();
        assertThat(newEntries(deleting(NOTHING)
                        .server(Status.OFF)
                        .finished("create_server", NOW.minusSeconds(90))
                        .finished("stop_server", NOW.minusSeconds(30))))
                .containsExactly("1 11:58:30.000000 provision Running acme", "2 11:59:30.000000 stop Paused acme");
    }

    @Test
    void H01_a_hold_stops_no_entry() {
        assertThat(newEntries(onRecord(NOTHING).annotated(ApiNames.PAUSED)))
                .containsExactly("1 12:00:00.000000 provision Running acme");
        assertThat(newEntries(onRecord(PAUSED).annotated(ApiNames.PAUSED)))
                .containsExactly("3 12:00:00.000000 start Running acme");
        assertThat(newEntries(onRecord(RUNNING).annotated(ApiNames.PAUSED).noServer()))
                .containsExactly("2 12:00:00.000000 stop Paused acme");
        assertThat(newEntries(deleting(RUNNING).annotated(ApiNames.PAUSED)))
                .as("while the deletion is held")
                .containsExactly("2 12:00:00.000000 stop Paused acme");
        assertThat(newEntries(
                        new AgentObservationBuilder().delivery().prepared().annotated(ApiNames.PAUSED)))
                .as("its volume alone, held before it has a server")
                .containsExactly("1 12:00:00.000000 provision Paused acme");
        assertThat(newEntries(
                        onRecord(NOTHING).annotated(ApiNames.PAUSED).failed("create_server", NOW.minusSeconds(60))))
                .as("what the cloud failed to make, and nobody may take away")
                .containsExactly("1 12:00:00.000000 provision Running acme");
    }

    @Test
    void H01_whatever_else_holds_it_up_a_server_that_stands_is_told() {
        for (var held : List.of(
                onRecord(NOTHING).refused(Reasons.ACCOUNT_NOT_FOUND),
                onRecord(NOTHING).noEdge(Reasons.CREDENTIALS_INVALID),
                onRecord(NOTHING).notFrozen(),
                onRecord(NOTHING).noVolume(),
                onRecord(NOTHING).noTunnel(),
                onRecord(NOTHING).server(Status.UNKNOWN),
                onRecord(NOTHING).server(Status.REBUILDING))) {
            assertThat(newEntries(held)).containsExactly("1 12:00:00.000000 provision Running acme");
        }
    }

    @Test
    void it_goes_when_the_books_have_its_end_and_no_cloud_is_asked_meanwhile() {
        var ended = RUNNING.destroy(NOW);
        assertThat(newEntries(deleting(ended).delivery(1, null))).isEmpty();
        assertThat(plan.finalizerReleased()).isFalse();
        assertThat(plan.steps()).isEmpty();
        assertThat(reason(plan.status().orElseThrow())).isEqualTo(Reasons.DELETING);

        decide(deleting(ended).delivery(1, "no answer"));
        assertThat(plan.finalizerReleased()).isFalse();
        assertThat(plan.steps()).isEmpty();
        assertThat(reason(plan.status().orElseThrow())).isEqualTo(Reasons.JOURNAL_UNDELIVERED);

        plan = AgentDecider.decide(deleting(ended).delivery(2, null).build());
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void H02_who_is_abandoned_ends_in_the_books_too_by_whom_and_how() {
        assertThat(newEntries(deleting(RUNNING).annotated(ApiNames.ABANDON).annotated(ApiNames.ABANDONED_BY, "jane")))
                .containsExactly(
                        "2 12:00:00.000000 destroy acme by jane (abandoned: annotation anchorhold.dev/abandon)");
        plan = AgentDecider.decide(deleting(RUNNING.destroy(NOW))
                .annotated(ApiNames.ABANDON)
                .delivery(2, null)
                .build());
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void what_the_books_never_heard_of_goes_without_them() {
        plan = AgentDecider.decide(
                deleting(NOTHING).deletionChecked(new DeletionCheck.Gone()).build());
        assertThat(plan.finalizerReleased()).isTrue();
        plan = AgentDecider.decide(new AgentObservationBuilder()
                .whole()
                .deleting()
                .deletionChecked(new DeletionCheck.Gone())
                .build());
        assertThat(plan.finalizerReleased()).as("no companion").isTrue();
    }

    // ----

    /** A ready Agent with that journal. */
    private static AgentObservationBuilder onRecord(StatusJournal journal) {
        return new AgentObservationBuilder()
                .whole()
                .provisioned()
                .status(s -> s.putPOJO("journal", journal.entries()))
                .delivery();
    }

    private static AgentObservationBuilder deleting(StatusJournal journal) {
        return onRecord(journal).deleting().noServer().noTunnel().noRecord().noVolume();
    }

    private AgentStatus decide(AgentObservationBuilder seen) {
        plan = AgentDecider.decide(seen.build());
        return plan.status().orElseThrow();
    }

    /** The entries that come with this look. */
    private List<String> newEntries(AgentObservationBuilder seen) {
        var observation = seen.build();
        plan = AgentDecider.decide(observation);
        long before = new StatusJournal(observation.status().journal())
                .last()
                .map(JournalEntry::sequence)
                .orElse(0L);
        return plan.status().orElse(observation.status()).journal().stream()
                .filter(e -> e.sequence() > before)
                .map(JournalLines::of)
                .toList();
    }

    private static String reason(AgentStatus status) {
        return status.conditions().stream()
                .filter(c -> c.type().equals(Reasons.READY))
                .findFirst()
                .orElseThrow()
                .reason();
    }
}
