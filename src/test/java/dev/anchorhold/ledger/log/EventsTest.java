package dev.anchorhold.ledger.log;

import static dev.anchorhold.ledger.event.Happening.DESTROY;
import static dev.anchorhold.ledger.event.Happening.STOP;
import static dev.anchorhold.ledger.log.Told.at;
import static dev.anchorhold.ledger.log.Told.delivery;
import static dev.anchorhold.ledger.log.Told.destroy;
import static dev.anchorhold.ledger.log.Told.entry;
import static dev.anchorhold.ledger.log.Told.journal;
import static dev.anchorhold.ledger.log.Told.provision;
import static dev.anchorhold.ledger.log.Told.stop;
import static dev.anchorhold.ledger.log.Told.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.Scope;
import dev.anchorhold.ledger.event.Happening;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.Events.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who is shown which events: Ada's Agent goes to Bob and ends there, her PlainVm ends with her; Eve has one Agent. */
class EventsTest {
    private static final Subject AGENT = Told.agent();
    private static final Subject PLAIN = Told.plainVm();
    private static final Subject EVES = Told.agent();
    private static Rig rig;

    @BeforeAll
    static void record() {
        rig = new Rig();
        rig.log.record(delivery(
                journal(
                        AGENT,
                        provision(),
                        stop(2),
                        transfer(3, "ada", "bob"),
                        entry(4, at(4), STOP, "bob"),
                        entry(5, at(5), DESTROY, "bob")),
                journal(PLAIN, provision(), stop(2), destroy(3)),
                journal(EVES, entry(1, at(1), Happening.PROVISION, "eve"))));
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @Test
    void everybody_is_shown_to_an_auditor_but_no_plain_vm_that_only_lived() {
        assertThat(indexes(Scope.all(), Query.all())).containsExactly(0L, 1L, 2L, 3L, 4L, 7L, 8L);
    }

    @Test
    void an_account_sees_its_own_time_and_the_transfer_on_both_sides() {
        assertThat(indexes(Scope.of(Set.of("ada")), Query.all())).containsExactly(0L, 1L, 2L, 7L);
        assertThat(indexes(Scope.of(Set.of("bob")), Query.all())).containsExactly(2L, 3L, 4L);
        assertThat(indexes(Scope.of(Set.of("ada", "bob")), Query.all())).containsExactly(0L, 1L, 2L, 3L, 4L, 7L);
        assertThat(indexes(Scope.of(Set.of("nobody")), Query.all())).isEmpty();
        assertThat(indexes(Scope.of(Set.of()), Query.all())).isEmpty();
    }

    @Test
    void what_is_asked_for_never_leaves_the_scope() {
        assertThat(indexes(Scope.of(Set.of("ada", "eve")), account("eve"))).containsExactly(8L);
        assertThat(indexes(Scope.of(Set.of("ada")), account("eve"))).isEmpty();
        assertThat(indexes(Scope.all(), account("bob"))).containsExactly(2L, 3L, 4L);
        assertThat(indexes(Scope.of(Set.of("bob")), resource(AGENT))).containsExactly(2L, 3L, 4L);
        assertThat(indexes(Scope.of(Set.of("eve")), resource(AGENT))).isEmpty();
        assertThat(indexes(Scope.all(), resource(PLAIN))).containsExactly(7L);
    }

    @Test
    void a_span_of_time_has_its_start_and_not_its_end() {
        assertThat(indexes(Scope.all(), span(at(2), at(4)))).containsExactly(1L, 2L, 7L);
        assertThat(indexes(Scope.of(Set.of("ada")), span(at(3), at(4)))).containsExactly(2L, 7L);
    }

    @Test
    void pages_of_any_size_make_the_whole_list() {
        for (Scope scope : List.of(Scope.all(), Scope.of(Set.of("ada", "bob")))) {
            for (int limit = 1; limit < 9; limit++) {
                List<Long> paged = new ArrayList<>();
                List<Event> page = rig.events.audited(scope, Query.all(), -1, limit);
                while (!page.isEmpty()) {
                    page.forEach(it -> paged.add(it.index()));
                    page = rig.events.audited(scope, Query.all(), paged.getLast(), limit);
                }
                assertThat(paged).isEqualTo(indexes(scope, Query.all()));
            }
        }
    }

    @Test
    void single_events_and_all_events_are_those_that_are_signed() throws Exception {
        assertThat(rig.events.at(5).orElseThrow().subject()).isEqualTo(PLAIN);
        assertThat(rig.events.at(9)).isEmpty();
        assertThat(rig.events.from(3, 4)).extracting(Event::index).containsExactly(3L, 4L, 5L, 6L);
        rig.asOwner(
                "INSERT INTO ledger.event SELECT 9, gen_random_uuid(), 1, kind, namespace, name, region, size, event, state,"
                        + " account, previous_account, at, asked_by, recorded_at, nonce, leaf_hash FROM ledger.event WHERE index = 8");
        assertThat(rig.events.at(9)).isEmpty();
        assertThat(rig.events.from(8, 9)).hasSize(1);
        assertThat(indexes(Scope.of(Set.of("eve")), Query.all())).containsExactly(8L);
        rig.asOwner("DELETE FROM ledger.event WHERE index = 9");
    }

    private static List<Long> indexes(Scope scope, Query query) {
        return rig.events.audited(scope, query, -1, 100).stream()
                .map(Event::index)
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
