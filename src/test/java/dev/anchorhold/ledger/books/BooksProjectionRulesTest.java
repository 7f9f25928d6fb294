package dev.anchorhold.ledger.books;

import static dev.anchorhold.ledger.event.EventType.DESTROY;
import static dev.anchorhold.ledger.event.EventType.PROVISION;
import static dev.anchorhold.ledger.event.EventType.START;
import static dev.anchorhold.ledger.event.EventType.STOP;
import static dev.anchorhold.ledger.event.EventType.TRANSFER;
import static dev.anchorhold.ledger.event.State.Paused;
import static dev.anchorhold.ledger.event.State.Running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.books.UsageQuery.GroupBy;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the projection makes of a few events, one rule at a time. */
class BooksProjectionRulesTest {
    private static final long HOUR = Duration.ofHours(1).toNanos() / 1_000;
    private static final Subject AGENT = subject(Kind.Agent, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a001", "coder");
    private static final Subject VM = subject(Kind.PlainVm, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a002", "web");
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.000001Z");
    private static final UsageQuery THREE_DAYS =
            new UsageQuery(LocalDate.parse("2026-11-23"), LocalDate.parse("2026-11-26"), GroupBy.DAY);

    private final CompanionDatabase postgres = CompanionDatabase.fresh();
    private final Database database = new Database(postgres::asApplication);
    private final EventInserter log = new EventInserter(database);
    private final BooksProjection books = new BooksProjection(database);
    private final Periods periods = new Periods(books);
    private final Usage usage = new Usage(books);

    static Subject subject(Kind kind, String uid, String name) {
        return new Subject(kind, uid, "team", name, "eu", "small");
    }

    @Test
    void a_transfer_is_one_instant_and_the_source_keeps_its_past() {
        Instant boundary = NOON.plus(Duration.ofHours(3));
        log.insert(
                AGENT,
                new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, boundary, TRANSFER, Running, "bolt", "acme", "carol"));

        assertThat(periods.list(AccessScope.all(), PeriodQuery.all(), Optional.empty(), 10))
                .extracting(Period::account, Period::startedAt, Period::endedAt, Period::closedBy)
                .containsExactly(tuple("acme", NOON, boundary, 1L), tuple("bolt", boundary, null, null));
        assertThat(usage.of(AccessScope.of(Set.of("acme")), THREE_DAYS, boundary.plus(Duration.ofHours(2))))
                .containsExactly(new UsageLine(THREE_DAYS.from().plusDays(1), null, null, Running, 3 * HOUR));
        assertThat(periods.list(AccessScope.of(Set.of("acme")), PeriodQuery.all(), Optional.empty(), 10))
                .extracting(Period::account)
                .containsExactly("acme");
        assertThat(periods.list(
                        AccessScope.of(Set.of("acme")), PeriodQuery.all().account("bolt"), Optional.empty(), 10))
                .isEmpty();
    }

    @Test
    void a_plain_vm_that_was_lost_costs_nothing_until_its_server_is_made_anew() {
        log.insert(
                VM,
                new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, NOON.plusSeconds(10), STOP, null, "acme", null, null),
                new LedgerEntry(3, NOON.plusSeconds(20), TRANSFER, null, "bolt", "acme", null),
                new LedgerEntry(4, NOON.plusSeconds(30), START, Running, "bolt", null, null),
                new LedgerEntry(5, NOON.plusSeconds(30), START, Running, "bolt", null, null),
                new LedgerEntry(6, NOON.plusSeconds(45), DESTROY, null, "bolt", null, null));

        assertThat(usage.of(AccessScope.all(), by(GroupBy.RESOURCE), NOON))
                .containsExactly(
                        new UsageLine(null, VM, "acme", Running, 10_000_000),
                        new UsageLine(null, VM, "bolt", Running, 15_000_000));
    }

    @Test
    void F41_an_open_period_is_counted_on_every_day_without_anybody_stopping_it() {
        log.insert(AGENT, new LedgerEntry(1, NOON.minus(Duration.ofDays(400)), PROVISION, Running, "acme", null, null));

        assertThat(usage.of(AccessScope.all(), THREE_DAYS, NOON))
                .extracting(UsageLine::day, UsageLine::microseconds)
                .containsExactly(
                        tuple(LocalDate.parse("2026-11-23"), 24 * HOUR),
                        tuple(LocalDate.parse("2026-11-24"), 12 * HOUR + 1));
    }

    @Test
    void F43_a_clock_that_was_set_back_makes_no_time_negative() {
        log.insert(AGENT, new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null));

        assertThat(usage.of(AccessScope.all(), THREE_DAYS, NOON.minus(Duration.ofDays(1))))
                .isEmpty();
        assertThat(usage.of(AccessScope.all(), THREE_DAYS.zone(ZoneId.of("Asia/Tokyo")), NOON.minusNanos(1_000)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Europe/Helsinki", "America/Los_Angeles", "Pacific/Apia"})
    void F42_F43_a_day_has_as_many_hours_as_its_zone_says_and_F54_all_days_add_up(String name) {
        ZoneId zone = ZoneId.of(name);
        // A year in which all of them changed their clocks twice.
        LocalDate from = LocalDate.parse("2020-02-01");
        LocalDate to = LocalDate.parse("2021-02-01");
        Instant begin = from.atStartOfDay(zone).toInstant();
        Instant end = to.atStartOfDay(zone).toInstant();
        log.insert(
                AGENT,
                new LedgerEntry(1, begin.minusSeconds(7), PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, end.plusSeconds(7), DESTROY, null, "acme", null, null));

        List<UsageLine> days = usage.of(AccessScope.all(), new UsageQuery(from, to, GroupBy.DAY).zone(zone), NOON);

        assertThat(days)
                .allSatisfy(it -> assertThat(it.microseconds())
                        .isEqualTo(Duration.between(
                                                it.day().atStartOfDay(zone),
                                                it.day().plusDays(1).atStartOfDay(zone))
                                        .toNanos()
                                / 1_000));
        assertThat(days).anyMatch(it -> it.microseconds() == 23 * HOUR).anyMatch(it -> it.microseconds() == 25 * HOUR);
        assertThat(days.stream().mapToLong(UsageLine::microseconds).sum())
                .isEqualTo(Duration.between(begin, end).toNanos() / 1_000);
    }

    @Test
    void F46_F48_what_was_destroyed_keeps_its_name_and_its_account() {
        log.insert(
                AGENT,
                new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, NOON.plusSeconds(60), STOP, Paused, "acme", null, null),
                new LedgerEntry(3, NOON.plusSeconds(90), DESTROY, null, "acme", null, null));

        assertThat(usage.of(
                        AccessScope.all(), by(GroupBy.RESOURCE).resource(AGENT.uid()), NOON.plus(Duration.ofDays(900))))
                .containsExactly(
                        new UsageLine(null, AGENT, "acme", Running, 60_000_000),
                        new UsageLine(null, AGENT, "acme", Paused, 30_000_000));
    }

    @Test
    void F40_the_database_itself_refuses_a_second_period_at_one_time() {
        log.insert(
                AGENT,
                new LedgerEntry(1, NOON, PROVISION, Running, "acme", null, null),
                new LedgerEntry(2, NOON.plusSeconds(60), STOP, Paused, "acme", null, null));
        books.catchUp();

        assertRefused("23P01", insert(77, NOON.plusSeconds(59), NOON.plusSeconds(60)));
        assertRefused("23P01", insert(77, NOON.plusSeconds(600), null));
        assertRefused("23001", "UPDATE ledger.period SET ended_at = ended_at + interval '1 s' WHERE opened_by = 0");
    }

    @Test
    void F45_the_applications_user_cannot_rewrite_the_books() {
        for (String sql : List.of(
                "UPDATE ledger.period SET account = 'bolt'",
                "UPDATE ledger.period SET started_at = now()",
                "DELETE FROM ledger.period",
                "TRUNCATE ledger.period",
                "DELETE FROM ledger.usage_day",
                "UPDATE ledger.usage_day SET account = 'bolt'",
                "UPDATE ledger.resource SET name = 'other'",
                "DELETE FROM ledger.resource",
                "UPDATE ledger.price SET per_hour = 0",
                "DELETE FROM ledger.price_list",
                "UPDATE ledger.statement SET total = 0",
                "DELETE FROM ledger.statement",
                "UPDATE ledger.statement_line SET microseconds = 0",
                "DELETE FROM ledger.statement_line",
                "DELETE FROM ledger.books_cursor",
                "ALTER TABLE ledger.period DISABLE TRIGGER ALL",
                "DROP TRIGGER period_ends_once ON ledger.period",
                "CREATE TABLE ledger.usage_day_other PARTITION OF ledger.usage_day DEFAULT")) {
            assertRefused("42501", sql);
        }
    }

    private String insert(long openedBy, Instant from, Instant to) {
        return "INSERT INTO ledger.period (opened_by, resource, account, state, started_at, ended_at, closed_by)"
                + " VALUES (%d, '%s', 'acme', 'Running', '%s', %s, %s)"
                        .formatted(
                                openedBy,
                                AGENT.uid(),
                                from,
                                to == null ? null : "'" + to + "'",
                                to == null ? null : 78);
    }

    private void assertRefused(String sqlState, String sql) {
        assertThatThrownBy(() -> {
                    try (Connection connection = postgres.asApplication().getConnection()) {
                        connection.createStatement().execute(sql);
                    }
                })
                .as(sql)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
    }

    private static UsageQuery by(GroupBy by) {
        return new UsageQuery(THREE_DAYS.from(), THREE_DAYS.to(), by);
    }
}
