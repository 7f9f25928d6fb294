package dev.anchorhold.operator.journal;

import static dev.anchorhold.operator.journal.ManagedFields.spec;
import static dev.anchorhold.operator.journal.ManagedFields.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusJournalTest {
    private static final Instant T = Instant.parse("2026-11-24T17:20:16.123456789Z");

    private final StatusJournal provisioned =
            new StatusJournal(List.of()).provision(T, State.Running, "acme", "kubectl-client-side-apply");

    @Test
    void each_entry_has_the_next_sequence_and_says_what_holds_from_then_on() {
        var whole = provisioned
                .stop(T.plusSeconds(1), State.Paused, "kubectl-edit")
                .transfer(T.plusSeconds(2), "other", "argocd")
                .start(T.plusSeconds(3), null)
                .destroy(T.plusSeconds(4));
        assertThat(whole.entries())
                .containsExactly(
                        entry(1, "16.123456", "provision", "Running", "acme", null, "kubectl-client-side-apply"),
                        entry(2, "17.123456", "stop", "Paused", "acme", null, "kubectl-edit"),
                        entry(3, "18.123456", "transfer", "Paused", "other", "acme", "argocd"),
                        entry(4, "19.123456", "start", "Running", "other", null, null),
                        entry(5, "20.123456", "destroy", null, "other", null, null));
        assertThat(whole.destroyed()).isTrue();
        assertThat(whole.isActive()).isFalse();
        assertThat(whole.toLedgerEntries()).hasSize(5);
    }

    private static JournalEntry entry(
            long sequence, String at, String event, String state, String account, String previous, String by) {
        return new JournalEntry(
                sequence, "2026-11-24T17:20:%sZ".formatted(at), event, state, account, previous, by, null, null);
    }

    @Test
    void F43_a_clock_that_is_set_back_turns_no_time_back() {
        var later = provisioned.stop(T.minusSeconds(3600), State.Paused, null);
        assertThat(later.entries().getLast().at())
                .isEqualTo(provisioned.entries().getFirst().at());
        assertThat(later.isAfterLast(T)).isFalse();
        assertThat(later.isAfterLast(T.plusNanos(1_000))).isTrue();
    }

    @Test
    void instants_are_whole_microseconds_also_where_they_are_zero() {
        var even =
                new StatusJournal(List.of()).provision(Instant.parse("2026-11-24T12:00:00Z"), State.Paused, "a", null);
        assertThat(even.entries().getFirst().at()).isEqualTo("2026-11-24T12:00:00.000000Z");
        assertThat(even.toLedgerEntries().getFirst().at()).isEqualTo("2026-11-24T12:00:00Z");
    }

    @Test
    void what_is_delivered_goes_but_for_the_newest() {
        var three = provisioned.stop(T, State.Paused, null).start(T, null);
        assertThat(sequences(three.withoutDelivered(0))).containsExactly(1L, 2L, 3L);
        assertThat(sequences(three.withoutDelivered(1))).containsExactly(2L, 3L);
        assertThat(sequences(three.withoutDelivered(3))).containsExactly(3L);
        assertThat(three.withoutDelivered(3).destroy(T).entries().getLast().sequence())
                .isEqualTo(4);
        assertThat(new StatusJournal(List.of()).withoutDelivered(3).entries()).isEmpty();
    }

    private static List<Long> sequences(StatusJournal journal) {
        return journal.entries().stream().map(JournalEntry::sequence).toList();
    }

    // ---- who asked

    @Test
    void who_made_an_object_wrote_its_spec_first_and_who_wrote_a_field_last_is_asked_for_it() {
        var vm = managed(
                status("anchorhold-operator", T),
                spec("argocd", T.plusSeconds(60), "operatingMode"),
                spec("kubectl-create", T, "account", "operatingMode"));
        assertThat(FieldManagers.creator(vm)).map(FieldManager::name).contains("kubectl-create");
        assertThat(FieldManagers.lastWriter(vm, "operatingMode"))
                .map(FieldManager::name)
                .contains("argocd");
        assertThat(FieldManagers.lastWriter(vm, "account"))
                .map(FieldManager::name)
                .contains("kubectl-create");
        assertThat(FieldManagers.lastWriter(vm, "size")).isEmpty();
        assertThat(FieldManagers.creator(managed())).isEmpty();
    }

    private static PlainVm managed(ManagedFieldsEntry... all) {
        var vm = new PlainVm();
        vm.setMetadata(new ObjectMetaBuilder().withManagedFields(all).build());
        return vm;
    }
}
