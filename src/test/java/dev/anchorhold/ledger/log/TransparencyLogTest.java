package dev.anchorhold.ledger.log;

import static dev.anchorhold.ledger.log.SampleEntries.agent;
import static dev.anchorhold.ledger.log.SampleEntries.consecutive;
import static dev.anchorhold.ledger.log.SampleEntries.delivery;
import static dev.anchorhold.ledger.log.SampleEntries.destroy;
import static dev.anchorhold.ledger.log.SampleEntries.journal;
import static dev.anchorhold.ledger.log.SampleEntries.provision;
import static dev.anchorhold.ledger.log.SampleEntries.start;
import static dev.anchorhold.ledger.log.SampleEntries.stop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult.Outcome;
import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.SigningKey;
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
class TransparencyLogTest {
    private final LogFixture logFixture = new LogFixture();

    @AfterEach
    void close() {
        logFixture.close();
    }

    @Test
    void an_empty_log_has_a_signed_checkpoint() {
        SignedTreeHead head = logFixture.log.head();
        assertThat(head.size()).isZero();
        assertThat(head.root()).isEqualTo(MerkleTree.emptyRoot());
        assertThat(Checkpoint.parse(LogFixture.KEY.verifier().open(head.note())).size())
                .isZero();
        assertThat(logFixture.log.head().note()).isEqualTo(head.note());
    }

    @Test
    void what_is_recorded_can_be_read_and_is_the_leaf_that_was_signed() {
        Subject agent = agent();
        assertThat(logFixture.log.record(delivery(consecutive(agent, 1, 3))).outcomes())
                .containsExactly(new Outcome(agent.uid(), 3, null));
        List<LogEvent> events = logFixture.events.from(0, 10);
        assertThat(events).extracting(LogEvent::index).containsExactly(0L, 1L, 2L);
        assertThat(events).extracting(LogEvent::entry).containsExactly(provision(), stop(2), start(3));
        assertThat(events).extracting(LogEvent::subject).containsOnly(agent);
        assertThat(events)
                .allSatisfy(it -> assertThat(it.leafHash()).isEqualTo(MerkleTree.leafHash(it.leafData())))
                .extracting(it -> HexFormat.of().formatHex(it.nonce()))
                .doesNotHaveDuplicates();
        consistent();
    }

    @Test
    void the_same_again_in_whatever_parts_changes_nothing() {
        Subject agent = agent();
        logFixture.log.record(delivery(consecutive(agent, 1, 4)));
        for (ResourceJournal again :
                List.of(consecutive(agent, 1, 4), consecutive(agent, 2, 3), consecutive(agent, 4, 4))) {
            assertThat(logFixture.log.record(delivery(again)).outcomes())
                    .containsExactly(new Outcome(agent.uid(), 4, null));
        }
        assertThat(logFixture.log.head().size()).isEqualTo(4);
        assertThat(logFixture.log.record(delivery(consecutive(agent, 3, 6))).outcomes())
                .containsExactly(new Outcome(agent.uid(), 6, null));
        assertThat(logFixture.log.head().size()).isEqualTo(6);
        consistent();
    }

    @Test
    void what_is_wrong_with_one_resource_keeps_no_other_out() {
        Subject gap = agent();
        Subject fork = agent();
        Subject contradiction = agent();
        Subject good = agent();
        logFixture.log.record(delivery(consecutive(fork, 1, 2), journal(contradiction, provision(), destroy(2))));
        List<Outcome> outcomes = logFixture
                .log
                .record(delivery(
                        journal(gap, stop(2)),
                        journal(fork, destroy(2), destroy(3)),
                        journal(contradiction, start(3)),
                        consecutive(good, 1, 3)))
                .outcomes();
        assertThat(outcomes).extracting(Outcome::recorded).containsExactly(0L, 2L, 2L, 3L);
        assertThat(outcomes)
                .extracting(it -> it.refusal() == null ? null : it.refusal().reason())
                .containsExactly(Reason.GAP, Reason.FORK, Reason.CONTRADICTION, null);
        assertThat(logFixture.log.head().size()).isEqualTo(7);
        consistent();
    }

    @Test
    void two_logs_and_many_callers_leave_no_hole_and_every_result_is_true() throws Exception {
        try (TransparencyLog other = logFixture.another();
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Subject> agents =
                    Stream.generate(SampleEntries::agent).limit(12).toList();
            List<Callable<Void>> calls = new ArrayList<>();
            AtomicInteger turn = new AtomicInteger();
            for (Subject agent : agents) {
                // In order for each, but delivered by two at once, twice, and in parts that overlap.
                for (int caller = 0; caller < 2; caller++) {
                    calls.add(() -> {
                        for (int i = 1; i <= 9; i += 2) {
                            TransparencyLog one = turn.getAndIncrement() % 2 == 0 ? logFixture.log : other;
                            long known = one.record(delivery(consecutive(agent, Math.max(1, i - 1), i + 2)))
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
            assertThat(logFixture.log.head().size()).isEqualTo(12 * 11);
            for (Subject agent : agents) {
                assertThat(sequences(agent)).isSorted().hasSize(11).doesNotHaveDuplicates();
            }
            consistent();
        }
    }

    @Test
    void a_thousand_entries_cost_hardly_more_statements_than_one() {
        AtomicInteger statements = new AtomicInteger();
        try (TransparencyLog counted = new TransparencyLog(
                InterceptedDatabase.database(logFixture.postgres.asApplication(), new InterceptedDatabase.Watcher() {
                    @Override
                    public void statement() {
                        statements.incrementAndGet();
                    }
                }),
                LogFixture.KEY,
                InstantSource.system())) {
            counted.record(SampleEntries.provisions(1));
            int one = statements.getAndSet(0);
            counted.record(SampleEntries.provisions(Delivery.MAX_ENTRIES));
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
        Delivery delivery = delivery(consecutive(agent(), 1, 3));
        AtomicBoolean broken = new AtomicBoolean();
        try (TransparencyLog log = new TransparencyLog(
                InterceptedDatabase.database(logFixture.postgres.asApplication(), new InterceptedDatabase.Watcher() {
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
                LogFixture.KEY,
                InstantSource.system())) {
            assertThatThrownBy(() -> log.record(delivery)).isInstanceOf(Database.Unavailable.class);
            assertThat(logFixture.log.head().size()).isEqualTo(before ? 0 : 3);
            assertThat(log.record(delivery).outcomes())
                    .extracting(Outcome::recorded)
                    .containsExactly(3L);
            assertThat(logFixture.log.head().size()).isEqualTo(3);
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
        logFixture.log.onGrowth(() -> sizes.add(logFixture.log.head().size()));
        Delivery delivery = delivery(agent(), provision());
        logFixture.log.record(delivery);
        logFixture.log.record(delivery);
        logFixture.log.record(delivery(agent(), provision()));
        await().untilAsserted(() -> assertThat(sizes).containsExactly(1L, 2L));
    }

    @Test
    void another_key_goes_on_with_the_log_and_signs_from_there_on() {
        logFixture.log.record(delivery(agent(), provision()));
        SigningKey later = LogFixture.key();
        try (TransparencyLog rotated = new TransparencyLog(
                logFixture.database, later, List.of(logFixture.log.key()), InstantSource.system())) {
            rotated.begin();
            assertThat(rotated.head().note())
                    .as("nobody re-signs what it has not made")
                    .isEqualTo(logFixture.log.head().note());
            rotated.record(delivery(agent(), provision()));
            assertThat(Checkpoint.parse(later.verifier().open(rotated.head().note()))
                            .size())
                    .isEqualTo(2);
        }
    }

    /** As the database's application user could: an entry, and a checkpoint of it that nobody signed. */
    @Test
    void H21_a_checkpoint_that_no_key_of_the_log_signed_is_not_built_on() {
        logFixture.log.record(delivery(agent(), provision()));
        SigningKey theirs = LogFixture.key();
        try (TransparencyLog forger = new TransparencyLog(
                logFixture.database, theirs, List.of(logFixture.log.key()), InstantSource.system())) {
            forger.record(delivery(agent(), provision()));
        }
        assertThatThrownBy(() -> logFixture.log.record(delivery(agent(), provision())))
                .isInstanceOf(DamagedLog.class)
                .hasMessageContaining("is not signed by the log's key");
        assertThatThrownBy(() -> logFixture.database.transaction(it -> {
                    logFixture.log.requireSigned(it);
                    return null;
                }))
                .isInstanceOf(DamagedLog.class);
    }

    @Test
    void a_checkpoint_that_contradicts_itself_is_not_built_on() throws Exception {
        logFixture.log.record(delivery(consecutive(agent(), 1, 3)));
        for (String change : List.of(
                "root = sha256('')",
                "frontier = sha256('') || sha256('')",
                "note = replace(note, '3', '4')",
                "size = 4")) {
            logFixture.asOwner(
                    "BEGIN; CREATE TABLE saved AS SELECT * FROM ledger.checkpoint; UPDATE ledger.checkpoint SET "
                            + change + " WHERE size = 3; COMMIT");
            assertThatThrownBy(() -> logFixture.log.record(delivery(agent(), provision())))
                    .as(change)
                    .isInstanceOf(DamagedLog.class);
            logFixture.asOwner(
                    "BEGIN; DELETE FROM ledger.checkpoint; INSERT INTO ledger.checkpoint SELECT * FROM saved;"
                            + " DROP TABLE saved; COMMIT");
        }
        logFixture.log.record(delivery(agent(), provision()));
        consistent();
    }

    @Test
    void nothing_is_recorded_on_top_of_what_somebody_has_changed() throws Exception {
        logFixture.log.record(delivery(consecutive(agent(), 1, 3)));
        logFixture.asOwner("DELETE FROM ledger.event WHERE index = 2");
        assertThatThrownBy(() -> logFixture.log.record(delivery(agent(), provision())))
                .isInstanceOf(DamagedLog.class)
                .hasMessageContaining("size 3");
        assertThatThrownBy(logFixture.log::head).isInstanceOf(DamagedLog.class).hasMessageContaining("2 events");
    }

    private List<Long> sequences(Subject agent) {
        return logFixture.database.transaction(it -> it.all(
                row -> row.number("sequence"),
                "SELECT sequence FROM ledger.event WHERE resource = ?::uuid ORDER BY index",
                agent.uid()));
    }

    /** Indexes without a hole, and the head's root is that of the rows. */
    private void consistent() {
        SignedTreeHead head = logFixture.log.head();
        List<LogEvent> all = logFixture.events.from(0, 100_000);
        assertThat(all).hasSize((int) head.size());
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).index()).isEqualTo(i);
        }
        assertThat(head.root())
                .isEqualTo(MerkleTree.root(all.stream()
                        .map(it -> MerkleTree.leafHash(it.leafData()))
                        .toList()));
        assertThat(Checkpoint.parse(LogFixture.KEY.verifier().open(head.note())))
                .isEqualTo(new Checkpoint(LogFixture.KEY.verifier().name(), head.size(), head.root()));
    }
}
