package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.operator.plainvm.PlainVmObservationBuilder.NOW;
import static dev.anchorhold.operator.plainvm.PlainVmObservationBuilder.PROJECT;
import static dev.anchorhold.operator.plainvm.PlainVmObservationBuilder.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.hetzner.Server.Status;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.journal.JournalLines;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.Reasons;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of a PlainVm's journal entries, as a table of observations: it counts as Running while its server exists. */
class PlainVmJournalTest {
    private static final Instant CREATED = Instant.parse("2026-11-24T11:00:00Z");
    private static final StatusJournal NOTHING = new StatusJournal(List.of());
    private static final StatusJournal THERE = NOTHING.provision(CREATED, State.Running, "acme", "ann");
    private static final StatusJournal LOST = THERE.stop(CREATED.plusSeconds(60), null, null);

    private Plan<PlainVmStep, PlainVmStatus> plan;

    @Test
    void it_is_provisioned_when_the_cloud_made_its_server_once_all_of_that_has_succeeded() {
        var fresh = new PlainVmObservationBuilder().delivery().firewall();
        assertThat(newEntries(fresh)).isEmpty();
        assertThat(newEntries(fresh.server(Status.RUNNING).running("create_server")))
                .isEmpty();
        assertThat(newEntries(new PlainVmObservationBuilder()
                        .delivery()
                        .firewall()
                        .server(Status.RUNNING)
                        .fieldsWrittenBy("ann", CREATED.minusSeconds(9), "account")))
                .containsExactly("1 11:00:00.000000 provision Running acme by ann");
    }

    @Test
    void stopping_and_starting_it_make_no_entry() {
        assertThat(newEntries(onRecord(THERE).stopped().server(Status.OFF))).isEmpty();
        assertThat(newEntries(onRecord(THERE).server(Status.OFF))).isEmpty();
        assertThat(newEntries(onRecord(THERE))).isEmpty();
    }

    @Test
    void when_its_server_is_lost_it_is_in_no_state_until_another_stands() {
        assertThat(newEntries(onRecord(THERE).noServer())).containsExactly("2 12:00:00.000000 stop acme");
        assertThat(newEntries(onRecord(THERE).noServer().finished("delete_server", NOW.minusSeconds(5))))
                .containsExactly("2 11:59:55.000000 stop acme");
        assertThat(newEntries(onRecord(LOST).noServer())).isEmpty();
        assertThat(newEntries(onRecord(LOST).anotherServer(NOW.minusSeconds(20)).running("create_server")))
                .isEmpty();
        assertThat(newEntries(onRecord(LOST).anotherServer(NOW.minusSeconds(20))))
                .containsExactly("3 11:59:40.000000 start Running acme");
    }

    @Test
    void one_that_was_replaced_between_two_reconciles_was_lost_in_between() {
        assertThat(newEntries(onRecord(THERE).anotherServer(NOW.minusSeconds(20))))
                .containsExactly("2 11:59:40.000000 stop acme", "3 11:59:40.000000 start Running acme");
        assertThat(newEntries(onRecord(THERE)
                        .anotherServer(NOW.minusSeconds(20))
                        .finished("delete_server", NOW.minusSeconds(50))))
                .containsExactly("2 11:59:10.000000 stop acme", "3 11:59:40.000000 start Running acme");
    }

    @Test
    void a_transfer_is_recorded_when_the_new_account_is_admitted() {
        assertThat(newEntries(onRecord(THERE).account("other").refused(Reasons.ACCOUNT_NOT_FOUND)))
                .isEmpty();
        assertThat(newEntries(onRecord(THERE).account("other").fieldsWrittenBy("eve", NOW, "account")))
                .containsExactly("2 12:00:00.000000 transfer Running other from acme by eve");
        assertThat(newEntries(onRecord(THERE).account("other").noServer()))
                .containsExactly("2 12:00:00.000000 stop acme", "3 12:00:00.000000 transfer other from acme");
    }

    @Test
    void while_nobody_knows_nothing_is_recorded() {
        assertThat(newEntries(onRecord(THERE).unknown(NOW.minusSeconds(600)))).isEmpty();
        assertThat(newEntries(onRecord(THERE).noCloud())).isEmpty();
    }

    @Test
    void without_a_companion_there_is_no_journal_and_nobody_is_waited_for() {
        assertThat(newEntries(new PlainVmObservationBuilder().firewall().server(Status.RUNNING)))
                .isEmpty();
        plan = PlainVmDecider.decide(new PlainVmObservationBuilder()
                .provisioned()
                .deleting()
                .deletionChecked(new DeletionCheck.Gone())
                .build());
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void what_is_delivered_goes_with_the_next_change_and_is_none() {
        var first = new PlainVmObservationBuilder()
                .provisioned()
                .delivery()
                .firewall()
                .server(Status.RUNNING)
                .build();
        var same = PlainVmDecider.decide(first).status().orElseThrow();
        assertThat(same.journal()).hasSize(1);
        var lost = PlainVmDecider.decide(new PlainVmObservationBuilder()
                        .status(same)
                        .delivery()
                        .firewall()
                        .build())
                .status()
                .orElseThrow();
        assertThat(lost.journal()).hasSize(2);
        assertThat(PlainVmDecider.decide(new PlainVmObservationBuilder()
                                .status(lost)
                                .delivery(2, null)
                                .firewall()
                                .build())
                        .status())
                .contains(lost);
        assertThat(PlainVmDecider.decide(new PlainVmObservationBuilder()
                                .status(lost)
                                .delivery(2, null)
                                .firewall()
                                .account("other")
                                .build())
                        .status()
                        .orElseThrow()
                        .journal())
                .extracting(JournalEntry::sequence)
                .containsExactly(3L);
    }

    // ---- what keeps nothing from the books

    @Test
    void H01_neither_a_hold_nor_what_else_holds_it_up_stops_an_entry() {
        for (var held : List.of(
                onRecord(NOTHING).annotated(ApiNames.PAUSED),
                onRecord(NOTHING).annotated(ApiNames.PAUSED).failed("create_server", NOW.minusSeconds(60)),
                onRecord(NOTHING).refused(Reasons.ACCOUNT_NOT_FOUND),
                onRecord(NOTHING).firewall(dev.anchorhold.cloud.hetzner.RuleSet.EMPTY),
                onRecord(NOTHING).deleting(),
                onRecord(NOTHING).deleting().annotated(ApiNames.PAUSED),
                onRecord(NOTHING).deleting().annotated(ApiNames.ABANDON),
                onRecord(NOTHING).server(Status.UNKNOWN))) {
            assertThat(newEntries(held)).containsExactly("1 11:00:00.000000 provision Running acme");
            assertThat(plan.finalizerReleased()).isFalse();
        }
        assertThat(newEntries(onRecord(THERE).annotated(ApiNames.PAUSED).noServer()))
                .containsExactly("2 12:00:00.000000 stop acme");
        assertThat(newEntries(
                        onRecord(THERE).deleting().annotated(ApiNames.PAUSED).annotated(ApiNames.ABANDON)))
                .as("it stands, and is held")
                .isEmpty();
    }

    // ---- the end

    @Test
    void its_end_is_on_record_before_the_books_are_waited_for() {
        assertThat(newEntries(onRecord(THERE).deleting().noServer())).isEmpty();
        assertThat(newEntries(onRecord(THERE).deleting().noServer().deletionChecked(new DeletionCheck.Gone())))
                .containsExactly("2 12:00:00.000000 destroy acme");
        assertThat(plan.finalizerReleased()).isFalse();
        assertThat(plan.rescheduleAfter()).isZero();
        assertThat(newEntries(onRecord(THERE)
                        .deleting()
                        .noServer()
                        .deletionChecked(new DeletionCheck.Gone())
                        .finished("delete_server", NOW.plusSeconds(1))))
                .containsExactly("2 12:00:01.000000 destroy acme");
    }

    @Test
    void H02_who_let_it_go_and_how_is_in_its_end() {
        assertThat(newEntries(onRecord(THERE)
                        .deleting()
                        .annotated(ApiNames.ABANDON)
                        .annotated(ApiNames.ABANDONED_BY, "jane@example.org")))
                .containsExactly("2 12:00:00.000000 destroy acme by jane@example.org"
                        + " (abandoned: annotation anchorhold.dev/abandon)");
        assertThat(newEntries(onRecord(THERE)
                        .deleting()
                        .orphan()
                        .annotated(ApiNames.ABANDONED_BY, "line\nbreak" + "x".repeat(300))
                        .noServer()
                        .deletionChecked(new DeletionCheck.Gone())))
                .as("as the books can take it")
                .containsExactly("2 12:00:00.000000 destroy acme by line break" + "x".repeat(242)
                        + "… (orphaned: spec.deletionPolicy Orphan)");
        assertThat(newEntries(onRecord(THERE).deleting().orphan().noServer().deletionChecked(new DeletionCheck.Gone())))
                .as("let go before anybody had to be named")
                .containsExactly("2 12:00:00.000000 destroy acme (orphaned: spec.deletionPolicy Orphan)");
    }

    @Test
    void it_goes_when_the_books_have_its_end_and_no_cloud_is_asked_meanwhile() {
        var ended = THERE.destroy(NOW);
        assertThat(newEntries(onRecord(ended).deleting().delivery(1, null))).isEmpty();
        assertThat(plan.finalizerReleased()).isFalse();
        assertThat(plan.steps()).isEmpty();
        newEntries(onRecord(ended).deleting().delivery(1, "no answer"));
        assertThat(plan.status().orElseThrow().conditions())
                .filteredOn(c -> c.type().equals(Reasons.READY))
                .allSatisfy(c -> {
                    assertThat(c.reason()).isEqualTo(Reasons.JOURNAL_UNDELIVERED);
                    assertThat(c.message()).contains("no answer");
                });
        plan = PlainVmDecider.decide(
                onRecord(ended).deleting().delivery(2, null).build());
        assertThat(plan.finalizerReleased()).isTrue();
    }

    // ----

    private static PlainVmObservationBuilder onRecord(StatusJournal journal) {
        return new PlainVmObservationBuilder()
                .status(new PlainVmStatus(
                        PlainVmObservationBuilder.UID,
                        1L,
                        "local",
                        PROJECT,
                        SERVER,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        CREATED.toString(),
                        null,
                        null,
                        null,
                        journal.entries(),
                        List.of()))
                .recreate()
                .firewall()
                .server(Status.RUNNING)
                .delivery();
    }

    /** The entries that come with this look. */
    private List<String> newEntries(PlainVmObservationBuilder seen) {
        var observation = seen.build();
        plan = PlainVmDecider.decide(observation);
        long before = PlainVmJournal.onRecord(observation)
                .last()
                .map(JournalEntry::sequence)
                .orElse(0L);
        return plan.status().map(PlainVmStatus::journal).orElse(List.of()).stream()
                .filter(e -> e.sequence() > before)
                .map(JournalLines::of)
                .toList();
    }
}
