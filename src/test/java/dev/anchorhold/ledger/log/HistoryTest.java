package dev.anchorhold.ledger.log;

import static dev.anchorhold.ledger.event.Happening.DESTROY;
import static dev.anchorhold.ledger.event.Happening.PROVISION;
import static dev.anchorhold.ledger.event.Happening.START;
import static dev.anchorhold.ledger.event.Happening.STOP;
import static dev.anchorhold.ledger.log.Told.at;
import static dev.anchorhold.ledger.log.Told.destroy;
import static dev.anchorhold.ledger.log.Told.entry;
import static dev.anchorhold.ledger.log.Told.journal;
import static dev.anchorhold.ledger.log.Told.provision;
import static dev.anchorhold.ledger.log.Told.start;
import static dev.anchorhold.ledger.log.Told.stop;
import static dev.anchorhold.ledger.log.Told.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Receipt.Reason;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.History.New;
import dev.anchorhold.ledger.log.History.Refused;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What may follow what, as a table. */
class HistoryTest {
    private static final Subject AGENT = Told.agent();
    private static final Instant LATEST = at(100);

    private record Row(String name, List<Entry> known, List<Entry> told, Object expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Row row(String name, List<Entry> known, List<Entry> told, Object expected) {
        return new Row(name, known, told, expected);
    }

    static Stream<Row> rows() {
        List<Entry> nothing = List.of();
        List<Entry> life = List.of(provision(), stop(2), start(3));
        Entry toBob = transfer(4, "ada", "bob");
        return Stream.of(
                row("a life begins with its provision", nothing, List.of(provision()), List.of(provision())),
                row("several at once", nothing, life, life),
                row("what follows", life, List.of(stop(4)), List.of(stop(4))),
                row("all again is no news", life, life, nothing),
                row("a part again is no news", life, List.of(stop(2)), nothing),
                row("some again and some new", life, List.of(start(3), stop(4)), List.of(stop(4))),
                row(
                        "at the same instant",
                        life,
                        List.of(entry(4, at(3), STOP, "ada")),
                        List.of(entry(4, at(3), STOP, "ada"))),
                row("a start of what runs", life, List.of(start(4)), List.of(start(4))),
                row("the end", life, List.of(destroy(4)), List.of(destroy(4))),
                row("the end again", List.of(provision(), destroy(2)), List.of(destroy(2)), nothing),
                row(
                        "a transfer and what is its new account's",
                        life,
                        List.of(toBob, entry(5, at(5), STOP, "bob")),
                        List.of(toBob, entry(5, at(5), STOP, "bob"))),
                row("to itself", life, List.of(transfer(4, "ada", "ada")), List.of(transfer(4, "ada", "ada"))),
                row("nothing known and the first is missing", nothing, List.of(stop(2)), Reason.GAP),
                row("one is missing", life, List.of(stop(5)), Reason.GAP),
                row("another instant", life, List.of(entry(2, at(2).plusNanos(1_000), STOP, "ada")), Reason.FORK),
                row("another account", life, List.of(entry(3, at(3), START, "bob")), Reason.FORK),
                row("another event", life, List.of(entry(3, at(3), STOP, "ada")), Reason.FORK),
                row("another past, and news", life, List.of(entry(3, at(3), STOP, "ada"), start(4)), Reason.FORK),
                row("a past that the log has lost", List.of(provision(), start(3)), List.of(stop(2)), Reason.FORK),
                row("no provision first", nothing, List.of(entry(1, at(1), START, "ada")), Reason.CONTRADICTION),
                row(
                        "time runs backwards",
                        life,
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
                row("after the end of this delivery", life, List.of(destroy(4), destroy(5)), Reason.CONTRADICTION),
                row("a strange account", life, List.of(entry(4, at(4), STOP, "bob")), Reason.CONTRADICTION),
                row(
                        "a transfer from a strange account",
                        life,
                        List.of(transfer(4, "bob", "eve")),
                        Reason.CONTRADICTION),
                row("the old account after a transfer", life, List.of(toBob, stop(5)), Reason.CONTRADICTION),
                row(
                        "a destroy by the wrong account",
                        life,
                        List.of(entry(4, at(4), DESTROY, "bob")),
                        Reason.CONTRADICTION),
                row(
                        "a day after tomorrow",
                        life,
                        List.of(entry(4, LATEST.plusNanos(1_000), STOP, "ada")),
                        Reason.CONTRADICTION),
                row(
                        "a second provision is no contradiction",
                        life,
                        List.of(entry(4, PROVISION)),
                        List.of(entry(4, PROVISION))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void what_is_told_is_new_known_or_not_true(Row row) {
        History history = row.known.isEmpty() ? History.none() : History.of(AGENT, row.known);
        switch (history.judge(journal(AGENT, row.told.toArray(Entry[]::new)), LATEST)) {
            case New(var entries) -> assertThat((Object) entries).isEqualTo(row.expected);
            case Refused(var refusal) -> {
                assertThat(refusal.reason()).isEqualTo(row.expected);
                assertThat(refusal.detail()).contains("sequence");
            }
        }
    }

    @Test
    void a_resource_never_changes_what_it_is() {
        History history = History.of(AGENT, List.of(provision()));
        Subject larger =
                new Subject(AGENT.kind(), AGENT.uid(), AGENT.namespace(), AGENT.name(), AGENT.region(), "large");
        assertThat(history.judge(journal(larger, stop(2)), LATEST))
                .isInstanceOfSatisfying(
                        Refused.class, it -> assertThat(it.refusal().reason()).isEqualTo(Reason.CONTRADICTION));
        assertThat(history.judge(journal(larger, provision()), LATEST)).isInstanceOf(Refused.class);
    }
}
