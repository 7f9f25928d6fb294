package dev.anchorhold.ledger.log;

import static dev.anchorhold.ledger.log.Told.agent;
import static dev.anchorhold.ledger.log.Told.delivery;
import static dev.anchorhold.ledger.log.Told.destroy;
import static dev.anchorhold.ledger.log.Told.journal;
import static dev.anchorhold.ledger.log.Told.life;
import static dev.anchorhold.ledger.log.Told.provision;
import static dev.anchorhold.ledger.log.Told.start;
import static dev.anchorhold.ledger.log.Told.stop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Receipt.Outcome;
import dev.anchorhold.ledger.event.Receipt.Reason;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.merkle.Tree;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** What the log records, on a real Postgres. */
class LogTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void an_empty_log_has_a_signed_checkpoint() {
        Head head = rig.log.head();
        assertThat(head.size()).isZero();
        assertThat(head.root()).isEqualTo(Tree.emptyRoot());
        assertThat(Checkpoint.parse(Rig.KEY.verifier().open(head.note())).size())
                .isZero();
        assertThat(rig.log.head().note()).isEqualTo(head.note());
    }

    @Test
    void what_is_recorded_can_be_read_and_is_the_leaf_that_was_signed() {
        Subject agent = agent();
        assertThat(rig.log.record(delivery(life(agent, 1, 3))).outcomes())
                .containsExactly(new Outcome(agent.uid(), 3, null));
        List<Event> events = rig.events.from(0, 10);
        assertThat(events).extracting(Event::index).containsExactly(0L, 1L, 2L);
        assertThat(events).extracting(Event::entry).containsExactly(provision(), stop(2), start(3));
        assertThat(events).extracting(Event::subject).containsOnly(agent);
        assertThat(events)
                .allSatisfy(it -> assertThat(it.leafHash()).isEqualTo(Tree.leafHash(it.leafData())))
                .extracting(it -> HexFormat.of().formatHex(it.nonce()))
                .doesNotHaveDuplicates();
        consistent();
    }

    @Test
    void the_same_again_in_whatever_parts_changes_nothing() {
        Subject agent = agent();
        rig.log.record(delivery(life(agent, 1, 4)));
        for (Journal again : List.of(life(agent, 1, 4), life(agent, 2, 3), life(agent, 4, 4))) {
            assertThat(rig.log.record(delivery(again)).outcomes()).containsExactly(new Outcome(agent.uid(), 4, null));
        }
        assertThat(rig.log.head().size()).isEqualTo(4);
        assertThat(rig.log.record(delivery(life(agent, 3, 6))).outcomes())
                .containsExactly(new Outcome(agent.uid(), 6, null));
        assertThat(rig.log.head().size()).isEqualTo(6);
        consistent();
    }

    @Test
    void what_is_wrong_with_one_resource_keeps_no_other_out() {
        Subject gap = agent();
        Subject fork = agent();
        Subject contradiction = agent();
        Subject good = agent();
        rig.log.record(delivery(life(fork, 1, 2), journal(contradiction, provision(), destroy(2))));
        List<Outcome> outcomes = rig.log
                .record(delivery(
                        journal(gap, stop(2)),
                        journal(fork, destroy(2), destroy(3)),
                        journal(contradiction, start(3)),
                        life(good, 1, 3)))
                .outcomes();
        assertThat(outcomes).extracting(Outcome::recorded).containsExactly(0L, 2L, 2L, 3L);
        assertThat(outcomes)
                .extracting(it -> it.refusal() == null ? null : it.refusal().reason())
                .containsExactly(Reason.GAP, Reason.FORK, Reason.CONTRADICTION, null);
        assertThat(rig.log.head().size()).isEqualTo(7);
        consistent();
    }

    @Test
    void two_logs_and_many_callers_leave_no_hole_and_every_receipt_is_true() throws Exception {
        try (Log other = rig.another();
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Subject> agents = Stream.generate(Told::agent).limit(12).toList();
            List<Callable<Void>> calls = new ArrayList<>();
            AtomicInteger turn = new AtomicInteger();
            for (Subject agent : agents) {
                // In order for each, but brought by two at once, twice, and in parts that overlap.
                for (int courier = 0; courier < 2; courier++) {
                    calls.add(() -> {
                        for (int i = 1; i <= 9; i += 2) {
                            Log one = turn.getAndIncrement() % 2 == 0 ? rig.log : other;
                            long known = one.record(delivery(life(agent, Math.max(1, i - 1), i + 2)))
                                    .outcomes()
                                    .getFirst()
                                    .recorded();
                            assertThat(known).isBetween(i + 2L, 11L);
                            assertThat(sequences(agent)).contains(known);
                        }
                        return null;
                    });
                }
            }
            Collections.shuffle(calls, new Random(7));
            for (Future<Void> it : callers.invokeAll(calls)) {
                it.get();
            }
            assertThat(rig.log.head().size()).isEqualTo(12 * 11);
            for (Subject agent : agents) {
                assertThat(sequences(agent)).isSorted().hasSize(11).doesNotHaveDuplicates();
            }
            consistent();
        }
    }

    @Test
    void a_thousand_entries_cost_hardly_more_statements_than_one() {
        AtomicInteger statements = new AtomicInteger();
        try (Log counted = new Log(
                Watched.database(rig.place.asApplication(), new Watched.Watcher() {
                    @Override
                    public void statement() {
                        statements.incrementAndGet();
                    }
                }),
                Rig.KEY,
                InstantSource.system())) {
            counted.record(Told.provisions(1));
            int one = statements.getAndSet(0);
            counted.record(Told.provisions(Delivery.MOST));
            // Two more: the leaves of the tile that it found begun, and the tiles that it filled.
            assertThat(statements.get()).isEqualTo(one + 2);
        }
    }

    @Test
    void F39_a_connection_that_breaks_before_the_commit_has_recorded_nothing() {
        brokenAtTheCommit(true);
    }

    @Test
    void F39_a_connection_that_breaks_after_the_commit_is_no_answer_and_the_same_again_is_no_news() {
        brokenAtTheCommit(false);
    }

    /** Postgres itself ends the connection, before it saw the commit or after it: our side cannot know which. */
    private void brokenAtTheCommit(boolean before) {
        Delivery told = delivery(life(agent(), 1, 3));
        AtomicBoolean broken = new AtomicBoolean();
        try (Log log = new Log(
                Watched.database(rig.place.asApplication(), new Watched.Watcher() {
                    @Override
                    public void commit(Connection real) throws SQLException {
                        if (before && !broken.getAndSet(true)) {
                            end(real);
                        }
                        real.commit();
                        if (!before && !broken.getAndSet(true)) {
                            end(real);
                            real.createStatement().execute("SELECT 1");
                        }
                    }
                }),
                Rig.KEY,
                InstantSource.system())) {
            assertThatThrownBy(() -> log.record(told)).isInstanceOf(Database.Unavailable.class);
            assertThat(rig.log.head().size()).isEqualTo(before ? 0 : 3);
            assertThat(log.record(told).outcomes())
                    .extracting(Outcome::recorded)
                    .containsExactly(3L);
            assertThat(rig.log.head().size()).isEqualTo(3);
            consistent();
        }
    }

    private void end(Connection connection) throws SQLException {
        int process = connection.unwrap(PGConnection.class).getBackendPID();
        try (Connection superuser = Postgres.shared().database().getConnection();
                var statement = superuser.createStatement();
                var ended = statement.executeQuery("SELECT pg_terminate_backend(%d, 60000)".formatted(process))) {
            assertThat(ended.next() && ended.getBoolean(1)).isTrue();
        }
    }

    @Test
    void who_waits_for_news_is_woken_after_the_commit_and_for_news_alone() {
        List<Long> sizes = new CopyOnWriteArrayList<>();
        rig.log.onGrowth(() -> sizes.add(rig.log.head().size()));
        Delivery told = delivery(agent(), provision());
        rig.log.record(told);
        rig.log.record(told);
        rig.log.record(delivery(agent(), provision()));
        await().untilAsserted(() -> assertThat(sizes).containsExactly(1L, 2L));
    }

    @Test
    void another_key_goes_on_with_the_log_and_signs_from_there_on() {
        rig.log.record(delivery(agent(), provision()));
        SigningKey later = Rig.key();
        try (Log rotated = new Log(rig.database, later, InstantSource.system())) {
            rotated.begin();
            assertThat(rotated.head().note())
                    .as("nobody re-signs what it has not made")
                    .isEqualTo(rig.log.head().note());
            rotated.record(delivery(agent(), provision()));
            assertThat(Checkpoint.parse(later.verifier().open(rotated.head().note()))
                            .size())
                    .isEqualTo(2);
        }
    }

    @Test
    void a_checkpoint_that_contradicts_itself_is_not_built_on() throws Exception {
        rig.log.record(delivery(life(agent(), 1, 3)));
        for (String change : List.of(
                "root = sha256('')",
                "frontier = sha256('') || sha256('')",
                "note = replace(note, '3', '4')",
                "size = 4")) {
            rig.asOwner("BEGIN; CREATE TABLE kept AS SELECT * FROM ledger.checkpoint; UPDATE ledger.checkpoint SET "
                    + change + " WHERE size = 3; COMMIT");
            assertThatThrownBy(() -> rig.log.record(delivery(agent(), provision())))
                    .as(change)
                    .isInstanceOf(DamagedLog.class);
            rig.asOwner("BEGIN; DELETE FROM ledger.checkpoint; INSERT INTO ledger.checkpoint SELECT * FROM kept;"
                    + " DROP TABLE kept; COMMIT");
        }
        rig.log.record(delivery(agent(), provision()));
        consistent();
    }

    @Test
    void nothing_is_recorded_on_top_of_what_somebody_has_changed() throws Exception {
        rig.log.record(delivery(life(agent(), 1, 3)));
        rig.asOwner("DELETE FROM ledger.event WHERE index = 2");
        assertThatThrownBy(() -> rig.log.record(delivery(agent(), provision())))
                .isInstanceOf(DamagedLog.class)
                .hasMessageContaining("size 3");
        assertThatThrownBy(rig.log::head).isInstanceOf(DamagedLog.class).hasMessageContaining("2 events");
    }

    private List<Long> sequences(Subject agent) {
        return rig.database.transaction(it -> it.all(
                row -> row.number("sequence"),
                "SELECT sequence FROM ledger.event WHERE resource = ?::uuid ORDER BY index",
                agent.uid()));
    }

    /** Indexes without a hole, and the head's root is that of the rows. */
    private void consistent() {
        Head head = rig.log.head();
        List<Event> all = rig.events.from(0, 100_000);
        assertThat(all).hasSize((int) head.size());
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).index()).isEqualTo(i);
        }
        assertThat(head.root())
                .isEqualTo(Tree.root(
                        all.stream().map(it -> Tree.leafHash(it.leafData())).toList()));
        assertThat(Checkpoint.parse(Rig.KEY.verifier().open(head.note())))
                .isEqualTo(new Checkpoint(Rig.KEY.verifier().name(), head.size(), head.root()));
    }
}
