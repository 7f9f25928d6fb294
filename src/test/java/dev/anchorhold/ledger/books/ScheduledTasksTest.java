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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    private final BooksProjection books = new BooksProjection(database);
    private final MonthlyStatements statements = new MonthlyStatements(books, database, Duration.ofDays(3));

    private ScheduledTasks tasks(Path file) {
        return new ScheduledTasks(
                statements, new BooksAudit(database), new Prices(database), Optional.of(file), clock, meters);
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
        new EventInserter(database).insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
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
        new EventInserter(database)
                .insert(
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
        new ScheduledTasks(statements, new BooksAudit(database), new Prices(database), Optional.empty(), clock, meters)
                .runOnce();
        assertThat(meters.get("anchorhold.books.differences").gauge().value()).isEqualTo(2);
        assertThat(new BooksAudit(database).differences())
                .extracting(BooksAudit.Difference::item)
                .containsExactly("period 0", "usage of acme on 2026-11-24, Running");
    }

    @Test
    void the_projection_loop_goes_on_after_whatever_failed() throws Exception {
        EventInserter log = new EventInserter(database);
        log.insert(VM, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));
        new Database(postgres::asOwner)
                .transaction(it -> it.update("REVOKE UPDATE (position) ON ledger.books_cursor FROM anchorhold"));
        ProjectionLoop projectionLoop = new ProjectionLoop(books, meters);
        Thread thread = Thread.ofVirtual().start(projectionLoop);
        await().until(() ->
                meters.get("anchorhold.books.fold.failures").counter().count() > 0);

        new Database(postgres::asOwner)
                .transaction(it -> it.update("GRANT UPDATE (position) ON ledger.books_cursor TO anchorhold"));
        await().until(() -> books.position() == 1);
        projectionLoop.end();
        assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
    }
}
