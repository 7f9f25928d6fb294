package dev.anchorhold.ledger.books;

import static dev.anchorhold.ledger.event.EventType.DESTROY;
import static dev.anchorhold.ledger.event.EventType.PROVISION;
import static dev.anchorhold.ledger.event.State.Running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.SettableClock;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a companion does by itself: follow the log, load prices, close months, look for differences. */
class ScheduledTasksTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final Subject VM =
            BooksProjectionRulesTest.subject(Kind.PlainVm, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a002", "web");

    @TempDir
    private Path folder;

    private final CompanionDatabase postgres = CompanionDatabase.fresh();
    private final Database database = new Database(postgres::asApplication);
    private final SettableClock clock = new SettableClock(NOON);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final EventInserter log = new EventInserter(database);
    private final BooksProjection books = new BooksProjection(database);
    private final MonthlyStatements statements = new MonthlyStatements(books, database, log.log, Duration.ofDays(3));

    private ScheduledTasks tasks(Path file) {
        return tasks(Optional.of(file));
    }

    private ScheduledTasks tasks(Optional<Path> file) {
        return new ScheduledTasks(
                statements,
                new BooksAudit(database),
                new Prices(database, log.log),
                new EarlierCommitments(database, log.log),
                file,
                clock,
                meters);
    }

    private Path prices(String perHour) throws Exception {
        return Files.writeString(folder.resolve("prices.yaml"), """
                currency: EUR
                versions:
                  - version: 1
                    validFrom: 2026-01-01
                    prices: [{ product: PlainVm, region: eu, size: small, state: Running, perHour: %s }]
                """.formatted(perHour));
    }

    @Test
    void a_month_is_closed_when_its_grace_is_over_and_not_before_its_prices_are_in() throws Exception {
        log.insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
        tasks(prices("0.5")).runOnce();
        clock.set(NOON.plus(Duration.ofDays(20)));

        ScheduledTasks contradicting = tasks(prices("0.6"));
        assertThatThrownBy(contradicting::runOnce).hasMessageContaining("known with other content");
        assertThat(statements
                        .of("acme", YearMonth.of(2026, 11), clock.instant())
                        .status())
                .isEqualTo(Statement.Status.OPEN);

        tasks(prices("0.5")).runOnce();
        assertThat(statements
                        .of("acme", YearMonth.of(2026, 11), clock.instant())
                        .total())
                .isEqualByComparingTo("78.00");
        assertThat(meters.get("anchorhold.books.statements.closed").counter().count())
                .isEqualTo(1);
    }

    @Test
    void once_a_day_books_that_somebody_changed_are_found() throws Exception {
        log.insert(
                VM,
                new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, NOON.plusSeconds(60), DESTROY, null, "acme", null, null));
        books.catchUp();
        new Database(postgres::asOwner).transaction(it -> {
            it.update("ALTER TABLE ledger.period DISABLE TRIGGER period_ends_once");
            it.update("UPDATE ledger.period SET account = 'bolt'");
            it.update("UPDATE ledger.usage_day SET microseconds = microseconds + 1");
            return it.update("UPDATE ledger.resource SET name = 'other'");
        });
        ScheduledTasks tasks = tasks(Optional.empty());
        tasks.runOnce();
        assertThat(meters.get("anchorhold.books.differences").gauge().value()).isEqualTo(2);
        assertThat(new BooksAudit(database).differences().first())
                .extracting(BooksAudit.Difference::item)
                .containsExactly("period 0", "usage of acme on 2026-11-24, Running");

        new Database(postgres::asOwner).transaction(it -> {
            it.update("UPDATE ledger.period SET account = 'acme'");
            it.update("UPDATE ledger.resource SET name = 'web'");
            return it.update("UPDATE ledger.usage_day SET microseconds = microseconds - 1");
        });
        clock.set(NOON.plus(Duration.ofMinutes(6)));
        tasks.runOnce();
        assertThat(meters.get("anchorhold.books.differences").gauge().value())
                .as("whoever put it right does not wait for a day")
                .isZero();
    }

    @Test
    void a_task_that_fails_is_counted_under_its_name() throws Exception {
        ScheduledTasks tasks = tasks(prices("0.5"));
        tasks.runOnce();
        assertThat(List.of("commit", "load_prices", "close", "audit"))
                .as("each is there before it fails")
                .allSatisfy(it -> assertThat(failures(it)).isZero());

        ScheduledTasks contradicting = tasks(prices("0.6"));
        assertThatThrownBy(contradicting::runOnce).hasMessageContaining("known with other content");
        assertThat(failures("load_prices")).isEqualTo(1);
        assertThat(failures("audit")).isZero();

        new Database(postgres::asOwner)
                .transaction(it -> it.update("REVOKE SELECT ON ledger.usage_day FROM anchorhold"));
        clock.set(NOON.plus(Duration.ofDays(1)));
        tasks.runOnce();
        assertThat(failures("audit")).isEqualTo(1);
        clock.set(NOON.plus(Duration.ofDays(1)).plusSeconds(60));
        tasks.runOnce();
        assertThat(failures("audit")).as("it is tried again").isEqualTo(2);
    }

    private double failures(String task) {
        return meters.get("anchorhold.books.task.failures")
                .tag("task", task)
                .counter()
                .count();
    }

    /** Of prices that a superuser has changed; the newest leaf is an event. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT",
                // An event in each one's place, with its leaf hash.
                """
                INSERT INTO ledger.event SELECT (jsonb_populate_record(e, jsonb_build_object(
                    'index', c.index, 'resource', gen_random_uuid(), 'leaf_hash', c.leaf_hash))).*
                FROM ledger.event e, ledger.commitment c WHERE e.index = 1
                """
            })
    void H20_commitments_that_somebody_deleted_are_not_made_again(String filler) throws Exception {
        ScheduledTasks tasks = tasks(prices("0.5"));
        tasks.runOnce();
        log.insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
        Database owner = new Database(postgres::asOwner);
        owner.transaction(it -> {
            it.update("UPDATE ledger.price SET per_hour = 1");
            it.connection().createStatement().execute(filler);
            return it.update("DELETE FROM ledger.commitment");
        });
        clock.set(NOON.plus(Duration.ofDays(20)));

        assertThatThrownBy(tasks::runOnce)
                .hasMessageContaining("its commitments are gone: nothing is committed to again");
        List<String> commitments =
                owner.transaction(it -> it.all(row -> row.text("kind"), "SELECT kind FROM ledger.commitment"));
        assertThat(commitments).isEmpty();
        assertThat(statements
                        .of("acme", YearMonth.of(2026, 11), clock.instant())
                        .status())
                .isEqualTo(Statement.Status.OPEN);
        assertThat(meters.get("anchorhold.books.differences").gauge().value()).isPositive();
    }

    @Test
    void H20_what_keeps_months_from_being_closed_is_found_by_the_audit_all_the_same() throws Exception {
        ScheduledTasks tasks = tasks(prices("0.5"));
        tasks.runOnce();
        log.insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
        new Database(postgres::asOwner).transaction(it -> it.update("UPDATE ledger.price SET per_hour = 1"));
        clock.set(NOON.plus(Duration.ofDays(1)));

        assertThatThrownBy(tasks::runOnce).hasMessageContaining("the prices are not those that the log commits to");
        assertThat(meters.get("anchorhold.books.differences").gauge().value()).isEqualTo(1);
    }

    @Test
    void H20_an_account_whose_statement_somebody_deleted_keeps_no_other_from_being_closed() throws Exception {
        log.insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
        Subject another = BooksProjectionRulesTest.subject(Kind.PlainVm, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a003", "api");
        log.insert(another, new LedgerEntry(1, NOON, PROVISION, Running, "bolt", null, null));
        clock.set(NOON.plus(Duration.ofDays(20)));
        ScheduledTasks tasks = tasks(prices("0.5"));
        tasks.runOnce();
        new Database(postgres::asOwner).transaction(it -> {
            it.update("DELETE FROM ledger.statement_line WHERE account = 'acme'");
            return it.update("DELETE FROM ledger.statement WHERE account = 'acme'");
        });
        clock.set(NOON.plus(Duration.ofDays(50)));

        assertThatThrownBy(tasks::runOnce)
                .hasMessageContaining("not all months could be closed; of 1 accounts: acme (");
        assertThat(statements
                        .of("bolt", YearMonth.of(2026, 12), clock.instant())
                        .status())
                .isEqualTo(Statement.Status.CLOSED);
        assertThat(meters.get("anchorhold.books.differences").gauge().value()).isEqualTo(1);
    }

    /** Each as a superuser would do it, and what undoes it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE ledger.usage_day SET microseconds = microseconds - 1 WHERE account = 'acme'"
                        + "| UPDATE ledger.usage_day SET microseconds = microseconds + 1 WHERE account = 'acme'",
                "UPDATE ledger.period SET started_at = started_at + interval '1 hour' WHERE account = 'acme'"
                        + "| UPDATE ledger.period SET started_at = started_at - interval '1 hour' WHERE account = 'acme'",
                "UPDATE ledger.period SET account = 'nobody' WHERE account = 'acme'"
                        + "| UPDATE ledger.period SET account = 'acme' WHERE account = 'nobody'",
            })
    void H20_no_month_is_closed_over_periods_or_usage_that_somebody_changed(String change, String undo)
            throws Exception {
        log.insert(
                VM,
                new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, NOON.plusSeconds(7200), DESTROY, null, "acme", null, null));
        Subject another = BooksProjectionRulesTest.subject(Kind.PlainVm, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a003", "api");
        log.insert(another, new LedgerEntry(1, NOON, PROVISION, Running, "bolt", null, null));
        books.catchUp();
        Database owner = new Database(postgres::asOwner);
        owner.transaction(it -> {
            it.update("ALTER TABLE ledger.period DISABLE TRIGGER USER");
            it.update("ALTER TABLE ledger.usage_day DISABLE TRIGGER USER");
            return it.update(change);
        });
        clock.set(NOON.plus(Duration.ofDays(20)));
        ScheduledTasks tasks = tasks(prices("0.5"));

        assertThatThrownBy(tasks::runOnce).hasMessageContaining("are not what the log says");
        assertThat(of("acme").status()).isEqualTo(Statement.Status.OPEN);
        assertThat(of("bolt").status()).isEqualTo(Statement.Status.CLOSED);

        owner.transaction(it -> it.update(undo));
        tasks.runOnce();
        assertThat(of("acme").total()).isEqualByComparingTo("1.00");
    }

    private Statement of(String account) {
        return statements.of(account, YearMonth.of(2026, 11), clock.instant());
    }

    @Test
    void the_projection_loop_goes_on_after_whatever_failed() throws Exception {
        log.insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
        new Database(postgres::asOwner)
                .transaction(it -> it.update("REVOKE UPDATE (position) ON ledger.books_cursor FROM anchorhold"));
        ProjectionLoop projectionLoop = new ProjectionLoop(books, meters);
        Thread thread = Thread.ofVirtual().start(projectionLoop);
        await().until(() ->
                meters.get("anchorhold.books.fold.failures").counter().count() > 0);
        assertThat(meters.get("anchorhold.books.unfolded.entries").gauge().value())
                .isEqualTo(1);

        new Database(postgres::asOwner)
                .transaction(it -> it.update("GRANT UPDATE (position) ON ledger.books_cursor TO anchorhold"));
        await().until(() -> books.position() == 1);
        await().until(() ->
                meters.get("anchorhold.books.unfolded.entries").gauge().value() == 0);
        projectionLoop.end();
        assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
    }
}
