package dev.anchorhold.ledger.books;

import static dev.anchorhold.ledger.event.EventType.DESTROY;
import static dev.anchorhold.ledger.event.EventType.PROVISION;
import static dev.anchorhold.ledger.event.EventType.RESIZE;
import static dev.anchorhold.ledger.event.EventType.START;
import static dev.anchorhold.ledger.event.EventType.STOP;
import static dev.anchorhold.ledger.event.EventType.TRANSFER;
import static dev.anchorhold.ledger.event.State.Paused;
import static dev.anchorhold.ledger.event.State.Running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.world.CompanionDatabase;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Statements on a real database: open ones, closed ones, and what comes too late. */
class MonthlyStatementsTest {
    private static final Subject AGENT =
            BooksProjectionRulesTest.subject(Kind.Agent, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a001", "coder");
    private static final Subject VM =
            BooksProjectionRulesTest.subject(Kind.PlainVm, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a002", "web");
    private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
    private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
    private static final YearMonth DECEMBER = YearMonth.of(2026, 12);
    private static final Duration GRACE = Duration.ofHours(72);
    private static final long HOUR = 3_600_000_000L;
    private static final String PRICES = """
            currency: EUR
            versions:
              - version: 1
                validFrom: 2026-01-01
                prices:
                  - { product: Agent, region: eu, size: small, state: Running, perHour: 0.02, stripePrice: price_run }
                  - { product: Agent, region: eu, size: small, state: Paused, perHour: 0.000000001 }
                  - { product: PlainVm, region: eu, size: small, state: Running, perHour: 0.01 }
            """;

    private final CompanionDatabase postgres = CompanionDatabase.fresh();
    private final Database database = new Database(postgres::asApplication);
    private final EventInserter log = new EventInserter(database);
    private final BooksProjection books = new BooksProjection(database);
    private final Prices prices = new Prices(database, log.log);
    private final MonthlyStatements statements = new MonthlyStatements(books, database, log.log, GRACE);

    private static Instant at(String instant) {
        return Instant.parse(instant);
    }

    private static LedgerEntry entry(long sequence, String at, EventType event, State state, String account) {
        return new LedgerEntry(sequence, at(at), event, state, account, null, null);
    }

    private void price(String yaml) {
        prices.load(PriceFile.parse(yaml), at("2026-01-01T00:00:00Z"));
    }

    private int close(String now) {
        return statements.closeDue(at(now)).closed();
    }

    @Test
    void each_line_is_a_part_of_one_period_within_the_month() throws Exception {
        price(PRICES);
        log.insert(
                AGENT,
                entry(1, "2026-10-01T00:00:00Z", PROVISION, Running, "acme"),
                entry(2, "2026-11-10T00:00:00Z", STOP, Paused, "acme"),
                entry(3, "2026-11-10T01:00:00Z", START, Running, "acme"));

        Statement it = statements.of("acme", NOVEMBER, at("2026-11-10T03:00:00Z"));

        assertThat(it.status()).isEqualTo(Statement.Status.OPEN);
        assertThat(it.lines())
                .extracting(
                        StatementLine::period, StatementLine::state, StatementLine::from, StatementLine::microseconds)
                .as("the log's first entry commits to the prices")
                .containsExactly(
                        tuple(1L, Running, at("2026-11-01T00:00:00Z"), 9 * 24 * HOUR),
                        tuple(2L, Paused, at("2026-11-10T00:00:00Z"), HOUR),
                        tuple(3L, Running, at("2026-11-10T01:00:00Z"), 2 * HOUR));
        assertThat(it.billedLines())
                .extracting(BilledLine::amount, BilledLine::hours)
                .containsExactly(
                        tuple(new BigDecimal("4.32"), new BigDecimal("216.000000")),
                        tuple(new BigDecimal("0.00"), new BigDecimal("1.000000")),
                        tuple(new BigDecimal("0.04"), new BigDecimal("2.000000")));
        assertThat(it.total()).isEqualTo(new BigDecimal("4.36"));
        assertThat(it.cells())
                .extracting(Statement.Cell::state, Statement.Cell::amount)
                .containsExactly(tuple(Running, new BigDecimal("4.36")), tuple(Paused, new BigDecimal("0.00")));
        assertThat(JsonMappers.STRICT.writeValueAsString(it))
                .contains("\"month\":\"2026-11\"", "\"status\":\"open\"", "\"total\":\"4.36\"", "\"microseconds\":")
                .contains("\"hours\":\"218.000000\"", "\"unitPrice\":\"0.02\"", "\"from\":\"2026-11-01T00:00:00Z\"");
    }

    @Test
    void H33_products_and_lines_add_up_to_the_total_though_each_is_rounded() {
        price(PRICES);
        log.insert(
                AGENT,
                entry(1, "2026-11-01T00:00:00Z", PROVISION, Running, "acme"),
                entry(2, "2026-11-01T00:42:00Z", DESTROY, null, "acme"));
        log.insert(
                VM,
                entry(1, "2026-11-01T00:00:00Z", PROVISION, Running, "acme"),
                entry(2, "2026-11-01T01:24:00.000001Z", DESTROY, null, "acme"));

        Statement it = statements.of("acme", NOVEMBER, at("2026-11-10T00:00:00Z"));

        // 0.014 and 0.014000…: rounded each by itself they would come to 0.02, and the total is 0.03.
        assertThat(it.total()).isEqualTo(new BigDecimal("0.03"));
        assertThat(it.cells())
                .extracting(Statement.Cell::amount)
                .containsExactly(new BigDecimal("0.01"), new BigDecimal("0.02"));
        assertThat(it.billedLines())
                .extracting(BilledLine::amount)
                .containsExactly(new BigDecimal("0.01"), new BigDecimal("0.02"));
    }

    @Test
    void a_price_that_changes_in_a_month_cuts_the_line_there() {
        price(PRICES + """
                  - version: 2
                    validFrom: 2026-11-02
                    prices:
                      - { product: PlainVm, region: eu, size: small, state: Running, perHour: "0.03" }
                """);
        log.insert(VM, entry(1, "2026-11-01T23:00:00Z", PROVISION, Running, "acme"));

        Statement it = statements.of("acme", NOVEMBER, at("2026-11-02T02:00:00Z"));

        assertThat(it.lines())
                .extracting(StatementLine::priceVersion, StatementLine::to, StatementLine::microseconds)
                .containsExactly(
                        tuple(1, at("2026-11-02T00:00:00Z"), HOUR), tuple(2, at("2026-11-02T02:00:00Z"), 2 * HOUR));
        assertThat(it.total()).isEqualTo(new BigDecimal("0.07"));
    }

    @Test
    void amounts_are_exact_and_rounded_once_a_half_to_the_even_cent() {
        price(PRICES);
        List<LedgerEntry> entries = new ArrayList<>();
        entries.add(entry(1, "2026-11-01T00:00:00Z", PROVISION, Running, "acme"));
        // 2500 lines of 0.00001 each: rounded by line they would be nothing.
        for (int i = 1; i < 5_000; i++) {
            entries.add(new LedgerEntry(
                    i + 1,
                    at("2026-11-01T00:00:00Z").plusMillis(1_800L * i),
                    i % 2 == 0 ? START : STOP,
                    i % 2 == 0 ? Running : Paused,
                    "acme",
                    null,
                    null));
        }
        log.insert(AGENT, entries.toArray(LedgerEntry[]::new));
        Statement it =
                statements.of("acme", NOVEMBER, at("2026-11-01T00:00:00Z").plusMillis(1_800L * 5_000));

        // 1.25 h running: exactly 0.025, and a little for 1.25 h paused that lifts it over the half.
        assertThat(it.lines()).hasSize(5_000);
        assertThat(it.total()).isEqualTo(new BigDecimal("0.03"));
        assertThat(it.cells())
                .extracting(Statement.Cell::amount)
                .containsExactly(new BigDecimal("0.03"), new BigDecimal("0.00"));
        assertThat(it.billedLines().stream().filter(line -> line.amount().signum() > 0))
                .as("three of the 2500 have a cent each: the first, since all are alike")
                .hasSize(3);
    }

    private static LedgerEntry holding(long sequence, String at, EventType event, State state, Integer volumeGiB) {
        return new LedgerEntry(sequence, at(at), event, state, "acme", null, null, null, volumeGiB);
    }

    @Test
    void H05_volumes_are_billed_by_GiB_and_time_also_while_paused_and_from_each_change_of_their_size_on() {
        price(PRICES + """
                      - { product: Volume, region: eu, perHour: "0.001" }
                """.indent(0));
        log.insert(
                AGENT,
                holding(1, "2026-11-01T00:00:00Z", PROVISION, Running, 10),
                holding(2, "2026-11-01T10:00:00Z", STOP, Paused, 10),
                holding(3, "2026-11-01T20:00:00Z", RESIZE, Paused, 50),
                holding(4, "2026-11-02T00:00:00Z", DESTROY, null, null));

        Statement it = statements.of("acme", NOVEMBER, at("2026-11-10T00:00:00Z"));

        assertThat(it.lines())
                .extracting(StatementLine::state, StatementLine::volumeGiB, StatementLine::microseconds)
                .containsExactly(
                        tuple(Running, null, 10 * HOUR),
                        tuple(Running, 10, 10 * HOUR),
                        tuple(Paused, null, 10 * HOUR),
                        tuple(Paused, 10, 10 * HOUR),
                        tuple(Paused, null, 4 * HOUR),
                        tuple(Paused, 50, 4 * HOUR));
        assertThat(it.microseconds()).as("of the resource alone").isEqualTo(24 * HOUR);
        assertThat(it.cells().getLast()).satisfies(volumes -> {
            assertThat(volumes.product()).isEqualTo(Product.Type.Volume);
            assertThat(volumes.microseconds()).isEqualTo(BigInteger.valueOf((100 + 100 + 200) * HOUR));
            assertThat(volumes.hours()).isEqualByComparingTo("400");
            assertThat(volumes.amount()).isEqualTo(new BigDecimal("0.40"));
        });
        assertThat(it.total()).isEqualTo(new BigDecimal("0.60"));
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void H05_a_closed_statement_keeps_its_prices_and_what_came_too_late_of_volumes_is_billed_once() {
        price(PRICES + """
                      - { product: Volume, region: eu, perHour: "0.001" }
                """.indent(0));
        log.insert(AGENT, holding(1, "2026-10-31T00:00:00Z", PROVISION, Running, 10));
        assertThat(close("2026-11-04T00:00:00Z")).isEqualTo(1);
        Statement october = statements.of("acme", OCTOBER, at("2026-11-05T00:00:00Z"));
        assertThat(october.total()).isEqualTo(new BigDecimal("0.72"));
        price(PRICES + """
                      - { product: Volume, region: eu, perHour: "0.001" }
                  - version: 2
                    validFrom: 2026-11-01
                    prices:
                      - { product: Agent, region: eu, size: small, state: Running, perHour: 0.02 }
                      - { product: Volume, region: eu, perHour: "0.005" }
                """.indent(0));
        log.insert(AGENT, holding(2, "2026-10-31T12:00:00Z", RESIZE, Running, 20));

        Statement november = statements.of("acme", NOVEMBER, at("2026-11-05T00:00:00Z"));
        assertThat(november.adjustments())
                .extracting(StatementLine::volumeGiB, StatementLine::microseconds, StatementLine::priceVersion)
                .containsExactlyInAnyOrder(
                        tuple(null, -12 * HOUR, 1),
                        tuple(10, -12 * HOUR, 1),
                        tuple(null, 12 * HOUR, 1),
                        tuple(20, 12 * HOUR, 1));
        assertThat(withoutAsOf(statements.of("acme", OCTOBER, at("2026-11-06T00:00:00Z"))))
                .isEqualTo(withoutAsOf(october));
        assertThat(close("2026-12-04T00:00:00Z")).isEqualTo(1);
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void F44_a_closed_statement_never_changes_and_what_came_too_late_is_billed_once_in_the_next() {
        price(PRICES);
        log.insert(AGENT, entry(1, "2026-10-31T00:00:00Z", PROVISION, Running, "acme"));
        assertThat(close("2026-12-03T23:59:59Z"))
                .as("October; November is within its grace")
                .isEqualTo(1);
        assertThat(close("2026-12-04T00:00:00Z")).isEqualTo(1);
        assertThat(close("2026-12-04T00:00:00Z")).isZero();
        Statement october = statements.of("acme", OCTOBER, at("2026-12-05T00:00:00Z"));
        Statement november = statements.of("acme", NOVEMBER, at("2026-12-05T00:00:00Z"));
        assertThat(november.total()).isEqualTo(new BigDecimal("14.40"));

        // It was given away in October, and stopped on the 29th of November: recorded in December.
        log.insert(
                AGENT,
                new LedgerEntry(2, at("2026-10-31T12:00:00Z"), TRANSFER, Running, "bolt", "acme", null),
                entry(3, "2026-11-29T00:00:00Z", DESTROY, null, "bolt"));

        Statement december = statements.of("acme", DECEMBER, at("2026-12-06T00:00:00Z"));
        assertThat(december.lines()).isEmpty();
        assertThat(december.adjustments())
                .extracting(StatementLine::forMonth, StatementLine::microseconds)
                .containsExactly(tuple(OCTOBER, -12 * HOUR), tuple(NOVEMBER, -30 * 24 * HOUR));
        assertThat(december.total()).isEqualTo(new BigDecimal("-14.64"));
        assertThat(statements.of("bolt", OCTOBER, at("2026-12-06T00:00:00Z")).total())
                .isEqualTo(new BigDecimal("0.24"));

        assertThat(close("2027-01-04T00:00:00Z"))
                .as("acme's December, bolt's three months")
                .isEqualTo(4);
        assertThat(statements.of("acme", DECEMBER, at("2027-02-06T00:00:00Z")).total())
                .isEqualTo(new BigDecimal("-14.64"));
        assertThat(statements
                        .of("acme", YearMonth.of(2027, 1), at("2027-01-06T00:00:00Z"))
                        .adjustments())
                .isEmpty();
        assertThat(withoutAsOf(statements.of("acme", OCTOBER, at("2027-01-06T00:00:00Z"))))
                .isEqualTo(withoutAsOf(october));
        assertThat(withoutAsOf(statements.of("acme", NOVEMBER, at("2027-01-06T00:00:00Z"))))
                .isEqualTo(withoutAsOf(november));
        assertThat(statements.list("acme", at("2027-01-06T00:00:00Z")))
                .extracting(Statement.Summary::month, Statement.Summary::total)
                .containsExactly(
                        tuple(YearMonth.of(2027, 1), null),
                        tuple(DECEMBER, new BigDecimal("-14.64")),
                        tuple(NOVEMBER, new BigDecimal("14.40")),
                        tuple(OCTOBER, new BigDecimal("0.48")));
    }

    @Test
    void F44_time_before_an_accounts_first_statement_is_an_adjustment_too() {
        price(PRICES);
        log.insert(VM, entry(1, "2026-11-20T00:00:00Z", PROVISION, Running, "bolt"));
        log.insert(AGENT, entry(1, "2026-10-31T23:00:00Z", PROVISION, Running, "acme"));
        close("2026-12-04T00:00:00Z");
        log.insert(
                AGENT,
                new LedgerEntry(2, at("2026-10-31T23:30:00Z"), TRANSFER, Running, "bolt", "acme", null),
                entry(3, "2026-10-31T23:45:00Z", DESTROY, null, "bolt"));

        Instant now = at("2026-12-06T00:00:00Z");
        assertThat(statements.of("bolt", DECEMBER, now).adjustments())
                .extracting(StatementLine::forMonth, StatementLine::microseconds)
                .containsExactly(tuple(OCTOBER, HOUR / 4));
        assertThat(statements.of("bolt", OCTOBER, now).lines()).isEmpty();
    }

    @Test
    void what_has_no_price_is_not_free_and_keeps_the_month_open_until_it_has_one() {
        price(PRICES);
        log.insert(
                new Subject(Kind.Agent, AGENT.uid(), "team", "coder", "us", "small"),
                entry(1, "2026-10-31T23:00:00Z", PROVISION, Running, "acme"));
        Statement it = statements.of("acme", OCTOBER, at("2026-11-06T00:00:00Z"));
        assertThat(it.unpriced()).isEqualTo(1);
        assertThat(it.total()).isNull();
        assertThat(it.microseconds()).isEqualTo(HOUR);

        assertThat(statements.closeDue(at("2026-11-06T00:00:00Z")).unpriced())
                .extracting(
                        MonthlyStatements.UnpricedMonth::month,
                        unpriced -> unpriced.cells().size())
                .containsExactly(tuple(OCTOBER, 1));
        price(PRICES + """
                  - version: 2
                    validFrom: 2026-01-01
                    prices:
                      - { product: Agent, region: us, size: small, state: Running, perHour: "0.04" }
                """);
        assertThat(close("2026-11-06T00:00:00Z")).isEqualTo(1);
        assertThat(statements.of("acme", OCTOBER, at("2026-11-06T00:00:00Z")).total())
                .isEqualTo(new BigDecimal("0.04"));
    }

    @Test
    void without_any_prices_statements_have_times_and_nothing_is_closed() {
        log.insert(VM, entry(1, "2026-10-31T23:00:00Z", PROVISION, Running, "acme"));

        assertThat(close("2026-12-06T00:00:00Z")).isZero();
        Statement it = statements.of("acme", OCTOBER, at("2026-12-06T00:00:00Z"));
        assertThat(it.microseconds()).isEqualTo(HOUR);
        assertThat(it.total()).isNull();
    }

    /** Random journals recorded in random order over four months, with months closed in between by several companions at once. */
    @Test
    void F44_all_that_was_billed_is_all_that_happened_however_late_it_is_recorded() throws Exception {
        long seed = new Random().nextLong(1_000_000);
        System.out.println("random journals from seed " + seed);
        price(everyPrice());
        RandomJournals randomJournals = new RandomJournals(seed);
        List<ResourceJournal> journals = randomJournals.journals(25, 10);
        List<ResourceJournal> order = randomJournals.interleaved(journals);
        Instant now = at("2026-09-04T00:00:00Z");
        for (int i = 0; i < order.size(); i++) {
            log.insert(order.subList(i, i + 1));
            if (i % Math.max(1, order.size() / 5) == 0) {
                now = now.plus(Duration.ofDays(30));
                closeByTwo(now);
            }
        }
        Instant end = at("2027-03-04T00:00:00Z");
        closeByTwo(end);

        ReferenceBooks reference = new ReferenceBooks(journals, end);
        int adjustments = 0;
        for (String account : List.of("acme", "bolt", "core")) {
            List<Statement> all = statements.list(account, end).stream()
                    .filter(it -> it.status() == Statement.Status.CLOSED)
                    .map(it -> statements.of(account, it.month(), end))
                    .toList();
            adjustments += all.stream().mapToInt(it -> it.adjustments().size()).sum();
            assertThat(all.stream().mapToLong(Statement::microseconds).sum())
                    .as("seed %d, %s", seed, account)
                    .isEqualTo(reference.byKey(Instant.EPOCH, at("2027-03-01T00:00:00Z")).entrySet().stream()
                            .filter(it -> it.getKey().startsWith(account + " "))
                            .mapToLong(Map.Entry::getValue)
                            .sum());
            assertThat(all.stream()
                            .flatMap(it -> Stream.concat(it.lines().stream(), it.adjustments().stream()))
                            .filter(it -> it.volumeGiB() != null)
                            .map(StatementLine::quantity)
                            .reduce(BigInteger.ZERO, BigInteger::add))
                    .as("volumes of seed %d, %s", seed, account)
                    .isEqualTo(reference.gibMicroseconds(account, at("2027-03-01T00:00:00Z")));
        }
        assertThat(adjustments).as("seed %d: much came too late", seed).isPositive();
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    private void closeByTwo(Instant now) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> companions = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                companions.add(threads.submit(() ->
                        new MonthlyStatements(new BooksProjection(database), database, log.log, GRACE).closeDue(now)));
            }
            for (Future<?> it : companions) {
                it.get();
            }
        }
    }

    private static String everyPrice() {
        StringBuilder text =
                new StringBuilder("currency: EUR\nversions:\n- version: 1\n  validFrom: 2026-01-01\n  prices:\n");
        for (String region : List.of("eu", "us")) {
            text.append("  - { product: Volume, region: %s, perHour: 0.0001 }\n".formatted(region));
            for (String size : List.of("small", "large")) {
                for (String cell :
                        List.of("Agent, state: Running", "Agent, state: Paused", "PlainVm, state: Running")) {
                    text.append("  - { product: %s, region: %s, size: %s, perHour: 0.0123 }\n"
                            .formatted(cell, region, size));
                }
            }
        }
        return text.toString();
    }

    private static Statement withoutAsOf(Statement it) {
        return new Statement(
                it.account(),
                it.month(),
                it.status(),
                null,
                it.closedAt(),
                it.currency(),
                it.lines(),
                it.adjustments(),
                null);
    }
}
