package dev.anchorhold.ledger.crash;

import static dev.anchorhold.sim.proxy.PostgresProxy.SqlStatement.commitOf;
import static dev.anchorhold.sim.proxy.PostgresProxy.SqlStatement.writeInto;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import dev.anchorhold.sim.proxy.PostgresProxy;
import dev.anchorhold.sim.proxy.PostgresProxy.SqlStatement;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.Ports;
import dev.anchorhold.world.Postgres;
import dev.anchorhold.world.ProductProcess.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the companion, and of the whole of PostgreSQL, at each step by which a delivery gets into the books: before and
 * at the log's commit, and before, within and at the fold's. Four senders deliver entries side by side, also of resources that the books know
 * already, and go on until everything is acknowledged. Then the books must have each entry once, and come to what they must.
 */
class LedgerCrashTest {
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
    private static final int RESOURCES_OF_A_CALL = 5;
    private static final Predicate<SqlStatement> LOG = commitOf("ledger.event");
    private static final Predicate<SqlStatement> FOLD = commitOf("ledger.books_cursor");

    @TempDir
    private static Path folder;

    private static final JournalGenerator GENERATOR = new JournalGenerator(SEED);
    private static final List<ResourceJournal> UNFINISHED = new ArrayList<>();
    private static Postgres postgres;
    private static PostgresProxy wire;
    private static CompanionProcess companion;
    private static StoredBooks books;
    private static List<JournalSender> senders;

    @BeforeAll
    static void open() throws IOException {
        System.out.println("Ledger's crashes: seed " + SEED);
        int port = Ports.free();
        postgres = Postgres.start(folder.resolve("postgres"), port);
        wire = new PostgresProxy(port);
        var database = CompanionDatabase.in(postgres, "books");
        books = new StoredBooks(database);
        companion = CompanionProcess.start(
                        new Settings(
                                folder.resolve("companion"),
                                TestEnvironment.chart().companionKubeconfig(),
                                Map.of()),
                        new DatabaseAndKeys(database.through(wire.port()), folder))
                .awaitReady();
        String token = Files.readString(TestEnvironment.chart().operatorTokenForCompanion());
        senders = Stream.generate(() -> new JournalSender(companion.internalUri(), token))
                .limit(4)
                .toList();
    }

    @AfterAll
    static void close() {
        senders.forEach(JournalSender::close);
        companion.close();
        wire.close();
        postgres.close();
    }

    @Test
    void F39_a_companion_killed_before_or_at_the_commit_of_entries() {
        killedAt(LOG, When.BEFORE_COMMIT, LedgerCrashTest::killCompanion, Hold::drop);
        killedAt(LOG, When.AFTER_COMMIT, LedgerCrashTest::killCompanion, Hold::drop);
    }

    /** The next companion is about to write already when the dead one's commit arrives. */
    @Test
    void F39_a_commit_that_arrives_after_its_senders_death() {
        killedAt(
                LOG,
                When.BEFORE_COMMIT,
                () -> {
                    companion.kill9();
                    var next = wire.hold(it -> it.sql().contains("pg_advisory_xact_lock"), When.BEFORE_COMMIT);
                    companion.restart();
                    assertThat(next.awaitHeld()).isTrue();
                    next.release();
                },
                Hold::release);
    }

    @Test
    @Tag("slow")
    void F39_a_companion_killed_between_the_log_and_the_books() {
        killedAt(writeInto("ledger.period"), When.BEFORE_COMMIT, LedgerCrashTest::killCompanion, Hold::drop);
        killedAt(FOLD, When.BEFORE_COMMIT, LedgerCrashTest::killCompanion, Hold::drop);
        killedAt(FOLD, When.AFTER_COMMIT, LedgerCrashTest::killCompanion, Hold::drop);
    }

    @Test
    @Tag("slow")
    void F39_a_database_killed_in_a_transaction_at_its_commit_and_at_its_own_start() {
        killedAt(LOG, When.BEFORE_COMMIT, LedgerCrashTest::killDatabase, Hold::drop);
        killedAt(LOG, When.AFTER_COMMIT, LedgerCrashTest::killDatabase, Hold::drop);
        killedAt(FOLD, When.BEFORE_COMMIT, LedgerCrashTest::killDatabase, Hold::drop);
        killedAt(
                LOG,
                When.AFTER_COMMIT,
                () -> {
                    killDatabase();
                    killDatabase();
                },
                Hold::drop);
    }

    private static void killCompanion() {
        companion.kill9();
        companion.restart();
    }

    private static void killDatabase() {
        postgres.kill9();
        postgres.restart();
    }

    /** @param afterKill what to do with the held statement, after the kill */
    private void killedAt(Predicate<SqlStatement> step, When when, Runnable kill, Consumer<Hold> afterKill) {
        write();
        var hold = wire.hold(step, when);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> deliveries = new ArrayList<>();
            senders.forEach(it -> deliveries.add(callers.submit(() -> it.deliverAll(RESOURCES_OF_A_CALL))));
            assertThat(hold.awaitHeld()).as("the step is reached").isTrue();
            kill.run();
            afterKill.accept(hold);
            for (Future<?> it : deliveries) {
                it.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError("seed " + SEED, e);
        }
        books.assertHold(senders.stream().flatMap(it -> it.journals().stream()).toList());
    }

    /** New resources, of which some entries come only the next time. */
    private static void write() {
        for (int i = 0; i < UNFINISHED.size(); i++) {
            senders.get(i % senders.size()).write(UNFINISHED.get(i));
        }
        UNFINISHED.clear();
        for (int i = 0; i < 60; i++) {
            ResourceJournal journal = GENERATOR.generate();
            senders.get(i % senders.size())
                    .write(new ResourceJournal(
                            journal.subject(),
                            journal.entries().subList(0, (journal.entries().size() + 1) / 2)));
            UNFINISHED.add(journal);
        }
    }
}
