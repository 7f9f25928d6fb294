package dev.anchorhold.ledger.log;

import static dev.anchorhold.ledger.event.EventType.DESTROY;
import static dev.anchorhold.ledger.event.EventType.STOP;
import static dev.anchorhold.ledger.log.SampleEntries.at;
import static dev.anchorhold.ledger.log.SampleEntries.delivery;
import static dev.anchorhold.ledger.log.SampleEntries.destroy;
import static dev.anchorhold.ledger.log.SampleEntries.entry;
import static dev.anchorhold.ledger.log.SampleEntries.journal;
import static dev.anchorhold.ledger.log.SampleEntries.provision;
import static dev.anchorhold.ledger.log.SampleEntries.stop;
import static dev.anchorhold.ledger.log.SampleEntries.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.LogEvents.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who is shown which events: Ada's Agent goes to Bob and ends there, her PlainVm ends with her; Eve has one Agent. */
class LogEventsTest {
    private static final Subject AGENT = SampleEntries.agent();
    private static final Subject PLAIN = SampleEntries.plainVm();
    private static final Subject EVES = SampleEntries.agent();
    private static LogFixture logFixture;

    @BeforeAll
    static void record() {
        logFixture = new LogFixture();
        logFixture.log.record(delivery(
                journal(
                        AGENT,
                        provision(),
                        stop(2),
                        transfer(3, "ada", "bob"),
                        entry(4, at(4), STOP, "bob"),
                        entry(5, at(5), DESTROY, "bob")),
                journal(PLAIN, provision(), stop(2), destroy(3)),
                journal(EVES, entry(1, at(1), EventType.PROVISION, "eve"))));
    }

    @AfterAll
    static void close() {
        logFixture.close();
    }

    @Test
    void everybody_is_shown_to_an_auditor_but_no_plain_vm_that_only_lived() {
        assertThat(indexes(AccessScope.all(), Query.all())).containsExactly(0L, 1L, 2L, 3L, 4L, 7L, 8L);
    }

    @Test
    void an_account_sees_its_own_time_and_the_transfer_on_both_sides() {
        assertThat(indexes(AccessScope.of(Set.of("ada")), Query.all())).containsExactly(0L, 1L, 2L, 7L);
        assertThat(indexes(AccessScope.of(Set.of("bob")), Query.all())).containsExactly(2L, 3L, 4L);
        assertThat(indexes(AccessScope.of(Set.of("ada", "bob")), Query.all())).containsExactly(0L, 1L, 2L, 3L, 4L, 7L);
        assertThat(indexes(AccessScope.of(Set.of("nobody")), Query.all())).isEmpty();
        assertThat(indexes(AccessScope.of(Set.of()), Query.all())).isEmpty();
    }

    @Test
    void what_is_asked_for_never_leaves_the_scope() {
        assertThat(indexes(AccessScope.of(Set.of("ada", "eve")), account("eve")))
                .containsExactly(8L);
        assertThat(indexes(AccessScope.of(Set.of("ada")), account("eve"))).isEmpty();
        assertThat(indexes(AccessScope.all(), account("bob"))).containsExactly(2L, 3L, 4L);
        assertThat(indexes(AccessScope.of(Set.of("bob")), resource(AGENT))).containsExactly(2L, 3L, 4L);
        assertThat(indexes(AccessScope.of(Set.of("eve")), resource(AGENT))).isEmpty();
        assertThat(indexes(AccessScope.all(), resource(PLAIN))).containsExactly(7L);
    }

    @Test
    void a_span_of_time_has_its_start_and_not_its_end() {
        assertThat(indexes(AccessScope.all(), span(at(2), at(4)))).containsExactly(1L, 2L, 7L);
        assertThat(indexes(AccessScope.of(Set.of("ada")), span(at(3), at(4)))).containsExactly(2L, 7L);
    }

    @Test
    void pages_of_any_size_make_the_whole_list() {
        for (AccessScope scope : List.of(AccessScope.all(), AccessScope.of(Set.of("ada", "bob")))) {
            for (int limit = 1; limit < 9; limit++) {
                List<Long> paged = new ArrayList<>();
                List<LogEvent> page = logFixture.events.audited(scope, Query.all(), -1, limit);
                while (!page.isEmpty()) {
                    page.forEach(it -> paged.add(it.index()));
                    page = logFixture.events.audited(scope, Query.all(), paged.getLast(), limit);
                }
                assertThat(paged).isEqualTo(indexes(scope, Query.all()));
            }
        }
    }

    @Test
    void single_events_and_all_events_are_those_that_are_signed() throws Exception {
        assertThat(logFixture.events.at(5).orElseThrow().subject()).isEqualTo(PLAIN);
        assertThat(logFixture.events.at(9)).isEmpty();
        assertThat(logFixture.events.from(3, 4)).extracting(LogEvent::index).containsExactly(3L, 4L, 5L, 6L);
        logFixture.asOwner(
                "INSERT INTO ledger.event SELECT 9, gen_random_uuid(), 1, kind, namespace, name, region, size, event, state,"
                        + " account, previous_account, at, asked_by, recorded_at, nonce, leaf_hash FROM ledger.event WHERE index = 8");
        assertThat(logFixture.events.at(9)).isEmpty();
        assertThat(logFixture.events.from(8, 9)).hasSize(1);
        assertThat(indexes(AccessScope.of(Set.of("eve")), Query.all())).containsExactly(8L);
        logFixture.asOwner("DELETE FROM ledger.event WHERE index = 9");
    }

    private static List<Long> indexes(AccessScope scope, Query query) {
        return logFixture.events.audited(scope, query, -1, 100).stream()
                .map(LogEvent::index)
                .toList();
    }

    private static Query account(String name) {
        return new Query(Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Query resource(Subject subject) {
        return new Query(Optional.empty(), Optional.of(subject.uid()), Optional.empty(), Optional.empty());
    }

    private static Query span(Instant from, Instant to) {
        return new Query(Optional.empty(), Optional.empty(), Optional.of(from), Optional.of(to));
    }
}
