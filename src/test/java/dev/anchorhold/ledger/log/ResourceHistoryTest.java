package dev.anchorhold.ledger.log;

import static dev.anchorhold.ledger.event.EventType.DESTROY;
import static dev.anchorhold.ledger.event.EventType.PROVISION;
import static dev.anchorhold.ledger.event.EventType.START;
import static dev.anchorhold.ledger.event.EventType.STOP;
import static dev.anchorhold.ledger.log.SampleEntries.at;
import static dev.anchorhold.ledger.log.SampleEntries.destroy;
import static dev.anchorhold.ledger.log.SampleEntries.entry;
import static dev.anchorhold.ledger.log.SampleEntries.journal;
import static dev.anchorhold.ledger.log.SampleEntries.provision;
import static dev.anchorhold.ledger.log.SampleEntries.start;
import static dev.anchorhold.ledger.log.SampleEntries.stop;
import static dev.anchorhold.ledger.log.SampleEntries.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.ResourceHistory.Accepted;
import dev.anchorhold.ledger.log.ResourceHistory.Rejected;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which entries may follow which, as a table. */
class ResourceHistoryTest {
    private static final Subject AGENT = SampleEntries.agent();
    private static final Instant LATEST = at(100);

    private record Case(String name, List<LedgerEntry> known, List<LedgerEntry> delivered, Object expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case row(String name, List<LedgerEntry> known, List<LedgerEntry> delivered, Object expected) {
        return new Case(name, known, delivered, expected);
    }

    static Stream<Case> rows() {
        List<LedgerEntry> nothing = List.of();
        List<LedgerEntry> journal = List.of(provision(), stop(2), start(3));
        LedgerEntry toBob = transfer(4, "ada", "bob");
        return Stream.of(
                row("a journal begins with its provision", nothing, List.of(provision()), List.of(provision())),
                row("several at once", nothing, journal, journal),
                row("what follows", journal, List.of(stop(4)), List.of(stop(4))),
                row("all again is no news", journal, journal, nothing),
                row("a part again is no news", journal, List.of(stop(2)), nothing),
                row("some again and some new", journal, List.of(start(3), stop(4)), List.of(stop(4))),
                row(
                        "at the same instant",
                        journal,
                        List.of(entry(4, at(3), STOP, "ada")),
                        List.of(entry(4, at(3), STOP, "ada"))),
                row("a start of what runs", journal, List.of(start(4)), List.of(start(4))),
                row("the end", journal, List.of(destroy(4)), List.of(destroy(4))),
                row("the end again", List.of(provision(), destroy(2)), List.of(destroy(2)), nothing),
                row(
                        "a transfer and what is its new account's",
                        journal,
                        List.of(toBob, entry(5, at(5), STOP, "bob")),
                        List.of(toBob, entry(5, at(5), STOP, "bob"))),
                row("to itself", journal, List.of(transfer(4, "ada", "ada")), List.of(transfer(4, "ada", "ada"))),
                row("nothing known and the first is missing", nothing, List.of(stop(2)), Reason.GAP),
                row("one is missing", journal, List.of(stop(5)), Reason.GAP),
                row("another instant", journal, List.of(entry(2, at(2).plusNanos(1_000), STOP, "ada")), Reason.FORK),
                row("another account", journal, List.of(entry(3, at(3), START, "bob")), Reason.FORK),
                row("another event", journal, List.of(entry(3, at(3), STOP, "ada")), Reason.FORK),
                row("another past, and news", journal, List.of(entry(3, at(3), STOP, "ada"), start(4)), Reason.FORK),
                row("a past that the log has lost", List.of(provision(), start(3)), List.of(stop(2)), Reason.FORK),
                row("no provision first", nothing, List.of(entry(1, at(1), START, "ada")), Reason.CONTRADICTION),
                row(
                        "time runs backwards",
                        journal,
                        List.of(entry(4, at(3).minusNanos(1_000), STOP, "ada")),
                        Reason.CONTRADICTION),
                row(
                        "within one delivery",
                        nothing,
                        List.of(provision(), entry(2, at(0), STOP, "ada")),
                        Reason.CONTRADICTION),
                row(
                        "something after the end",
                        List.of(provision(), destroy(2)),
                        List.of(start(3)),
                        Reason.CONTRADICTION),
                row("after the end of this delivery", journal, List.of(destroy(4), destroy(5)), Reason.CONTRADICTION),
                row("a strange account", journal, List.of(entry(4, at(4), STOP, "bob")), Reason.CONTRADICTION),
                row(
                        "a transfer from a strange account",
                        journal,
                        List.of(transfer(4, "bob", "eve")),
                        Reason.CONTRADICTION),
                row("the old account after a transfer", journal, List.of(toBob, stop(5)), Reason.CONTRADICTION),
                row(
                        "a destroy by the wrong account",
                        journal,
                        List.of(entry(4, at(4), DESTROY, "bob")),
                        Reason.CONTRADICTION),
                row(
                        "a day after tomorrow",
                        journal,
                        List.of(entry(4, LATEST.plusNanos(1_000), STOP, "ada")),
                        Reason.CONTRADICTION),
                row(
                        "a second provision is no contradiction",
                        journal,
                        List.of(entry(4, PROVISION)),
                        List.of(entry(4, PROVISION))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void a_delivered_entry_is_new_or_known_or_a_contradiction(Case row) {
        ResourceHistory history = row.known.isEmpty() ? ResourceHistory.none() : ResourceHistory.of(AGENT, row.known);
        switch (history.validate(journal(AGENT, row.delivered.toArray(LedgerEntry[]::new)), LATEST)) {
            case Accepted(var entries) -> assertThat((Object) entries).isEqualTo(row.expected);
            case Rejected(var refusal) -> {
                assertThat(refusal.reason()).isEqualTo(row.expected);
                assertThat(refusal.detail()).contains("sequence");
            }
        }
    }

    @Test
    void a_resource_never_changes_what_it_is() {
        ResourceHistory history = ResourceHistory.of(AGENT, List.of(provision()));
        Subject larger =
                new Subject(AGENT.kind(), AGENT.uid(), AGENT.namespace(), AGENT.name(), AGENT.region(), "large");
        assertThat(history.validate(journal(larger, stop(2)), LATEST))
                .isInstanceOfSatisfying(
                        Rejected.class, it -> assertThat(it.refusal().reason()).isEqualTo(Reason.CONTRADICTION));
        assertThat(history.validate(journal(larger, provision()), LATEST)).isInstanceOf(Rejected.class);
    }
}
