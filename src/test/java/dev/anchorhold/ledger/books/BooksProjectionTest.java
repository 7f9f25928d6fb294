package dev.anchorhold.ledger.books;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.books.UsageQuery.GroupBy;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.log.DamagedLog;
import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random journals, folded on a real database and compared with reference books that are too plain to be wrong. */
class BooksProjectionTest {
    private static final int SEEDS = 2;
    private static final int RESOURCES = 30;
    private static final int MAX_ENTRIES = 14;
    private static final LocalDate FIRST = LocalDate.parse("2026-08-01");
    private static final LocalDate AFTER = LocalDate.parse("2027-02-01");
    /** When many resources still exist. */
    private static final Instant NOW = RandomJournals.END;

    private final CompanionDatabase postgres = CompanionDatabase.fresh();
    private final Database database = new Database(postgres::asApplication);
    private final EventInserter log = new EventInserter(database);

    static Stream<Long> seeds() {
        long first = new Random().nextLong(1_000_000);
        System.out.println("random journals from seed " + first);
        return Stream.iterate(first, it -> it + 1).limit(SEEDS);
    }

    /** As the database's application user could: an entry, and a checkpoint of it that nobody of ours signed. */
    @Test
    void H21_what_no_key_of_the_log_signed_is_not_billed(@TempDir Path folder) throws IOException {
        List<ResourceJournal> journals = new RandomJournals(1).journals(2, 3);
        log.insert(List.of(journals.getFirst()));
        BooksProjection books = new BooksProjection(database, log.log);
        books.catchUp();
        long position = books.position();
        SigningKey theirs =
                SigningKey.of(CompanionProcess.LOG_ORIGIN, CompanionProcess.logSigningKey(folder.resolve("key")));
        try (TransparencyLog forger = new TransparencyLog(
                database, theirs, List.of(log.log.key()), () -> Instant.parse("2031-01-01T00:00:00Z"))) {
            forger.record(new Delivery(List.of(journals.getLast())));
        }
        assertThatThrownBy(books::catchUp).isInstanceOf(DamagedLog.class).hasMessageContaining("is not signed by");
        assertThat(books.position()).isEqualTo(position);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void time_is_conserved_and_nothing_overlaps_whatever_happens(long seed) {
        RandomJournals randomJournals = new RandomJournals(seed);
        List<ResourceJournal> journals = randomJournals.journals(RESOURCES, MAX_ENTRIES);
        log.insert(randomJournals.interleaved(journals));
        BooksProjection books = new BooksProjection(database, 1 + new Random(seed).nextInt(60));
        Usage usage = new Usage(books);
        ReferenceBooks reference = new ReferenceBooks(journals, NOW);
        Instant from = start(FIRST, ZoneOffset.UTC);
        Instant to = start(AFTER, ZoneOffset.UTC);

        List<Period> periods = allPeriods(books);
        assertThat(clipped(periods, from, to)).isEqualTo(reference.byKey(from, to));
        assertThatNoneOverlapsAndOneAtMostIsOpen(periods);

        List<UsageLine> byResource = usage.of(AccessScope.all(), new UsageQuery(FIRST, AFTER, GroupBy.RESOURCE), NOW);
        assertThat(byResource.stream()
                        .collect(Collectors.toMap(
                                it -> it.account() + " " + it.subject().uid() + " " + it.state(),
                                UsageLine::microseconds)))
                .isEqualTo(reference.byKey(from, to));
        for (ZoneId zone : List.of(
                ZoneOffset.UTC,
                ZoneId.of("Europe/Helsinki"),
                ZoneId.of("America/Los_Angeles"),
                ZoneId.of("Pacific/Apia"))) {
            assertThat(byDay(usage.of(AccessScope.all(), new UsageQuery(FIRST, AFTER, GroupBy.DAY).zone(zone), NOW)))
                    .as("days in %s", zone)
                    .isEqualTo(reference.byDay(FIRST, AFTER, zone));
        }
        assertThat(usage.of(AccessScope.all(), new UsageQuery(FIRST, AFTER, GroupBy.ACCOUNT), NOW).stream()
                        .mapToLong(UsageLine::microseconds)
                        .sum())
                .isEqualTo(reference.total(from, to));
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void however_events_are_cut_into_batches_the_books_are_the_same() {
        RandomJournals randomJournals = new RandomJournals(7);
        List<ResourceJournal> order = randomJournals.interleaved(randomJournals.journals(12, MAX_ENTRIES));
        List<List<String>> books = new ArrayList<>();
        for (int batchSize : List.of(3, 10_000)) {
            Database other = new Database(CompanionDatabase.fresh()::asApplication);
            new EventInserter(other).insert(order);
            new BooksProjection(other, batchSize).catchUp();
            books.add(everything(other));
        }
        assertThat(books).allSatisfy(it -> assertThat(it).isEqualTo(books.getFirst()));
    }

    @Test
    void several_companions_fold_at_once_while_the_log_grows_and_count_nothing_twice() throws Exception {
        RandomJournals randomJournals = new RandomJournals(11);
        List<ResourceJournal> journals = randomJournals.journals(60, MAX_ENTRIES);
        List<ResourceJournal> order = randomJournals.interleaved(journals);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writer = threads.submit(() -> log.insert(order));
            List<Future<?>> companions = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                BooksProjection books = new BooksProjection(database, 3 + i);
                companions.add(threads.submit(() -> {
                    while (!writer.isDone()) {
                        books.catchUp();
                    }
                    books.catchUp();
                }));
            }
            for (Future<?> companion : companions) {
                companion.get();
            }
        }
        Instant from = start(FIRST, ZoneOffset.UTC);
        assertThat(clipped(allPeriods(new BooksProjection(database)), from, NOW))
                .isEqualTo(new ReferenceBooks(journals, NOW).byKey(from, NOW));
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void a_fold_that_is_killed_at_any_statement_repeats_and_skips_nothing() throws Exception {
        RandomJournals randomJournals = new RandomJournals(13);
        List<ResourceJournal> journals = randomJournals.journals(RESOURCES, MAX_ENTRIES);
        log.insert(randomJournals.interleaved(journals));
        KillableDataSource killableDataSource = new KillableDataSource(postgres);
        BooksProjection books = new BooksProjection(new Database(() -> killableDataSource), 10);
        // Each time one statement further: a batch has about ten, so all of its gaps are met before the first one
        // succeeds.
        for (int after = 0; new BooksProjection(database).position() < killableDataSource.eventCount(); after++) {
            killableDataSource.killAfter(after);
            try {
                books.catchUp();
            } catch (Database.Unavailable _) {
                // as meant
            }
        }
        assertThat(killableDataSource.kills()).isGreaterThan(15);
        Instant from = start(FIRST, ZoneOffset.UTC);
        assertThat(clipped(allPeriods(new BooksProjection(database)), from, NOW))
                .isEqualTo(new ReferenceBooks(journals, NOW).byKey(from, NOW));
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void a_hole_in_the_log_stops_the_books_before_it() {
        RandomJournals randomJournals = new RandomJournals(17);
        log.insert(randomJournals.interleaved(randomJournals.journals(5, 6)));
        new Database(postgres::asOwner).transaction(it -> it.update("DELETE FROM ledger.event WHERE index = 2"));

        BooksProjection books = new BooksProjection(database);
        assertThatThrownBy(books::catchUp)
                .isInstanceOf(BooksProjection.LogGapException.class)
                .hasMessageContaining("no event 2");
    }

    @Test
    void a_hole_at_the_logs_end_stops_them_too() {
        RandomJournals randomJournals = new RandomJournals(17);
        log.insert(randomJournals.interleaved(randomJournals.journals(5, 6)));
        asOwner("DELETE FROM ledger.event WHERE index = (SELECT max(index) FROM ledger.event)");

        assertThatThrownBy(new BooksProjection(database)::catchUp)
                .isInstanceOf(BooksProjection.LogGapException.class)
                .hasMessageContaining("though a checkpoint covers it");
    }

    @Test
    void H21_what_no_checkpoint_covers_is_not_in_the_books_and_leaves_no_trace_when_it_is_gone() {
        RandomJournals randomJournals = new RandomJournals(19);
        List<ResourceJournal> order = randomJournals.interleaved(randomJournals.journals(6, 6));
        log.insert(order.subList(0, order.size() / 2));
        BooksProjection books = new BooksProjection(database, 4);
        books.catchUp();
        long signed = books.position();
        asOwner("INSERT INTO ledger.event SELECT (jsonb_populate_record(e, jsonb_build_object("
                + "'index', %d, 'resource', gen_random_uuid()))).* FROM ledger.event e WHERE index = 0"
                        .formatted(signed));

        assertThat(allPeriods(books)).noneMatch(it -> it.openedBy() >= signed);
        assertThat(books.position()).isEqualTo(signed);

        asOwner("DELETE FROM ledger.event WHERE index = " + signed);
        log.insert(order.subList(order.size() / 2, order.size()));
        books.catchUp();
        assertThat(books.position()).isGreaterThan(signed);
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void H21_books_that_are_wrong_are_made_anew_and_readers_are_told_meanwhile() {
        RandomJournals randomJournals = new RandomJournals(23);
        log.insert(randomJournals.interleaved(randomJournals.journals(12, MAX_ENTRIES)));
        BooksProjection books = new BooksProjection(database, 5);
        books.catchUp();
        List<Period> right = allPeriods(books);
        asOwner("ALTER TABLE ledger.period DISABLE TRIGGER period_ends_once");
        asOwner("UPDATE ledger.period SET account = 'somebody'");
        asOwner("UPDATE ledger.resource SET name = 'something'");
        asOwner("DELETE FROM ledger.usage_day");
        assertThat(new BooksAudit(database).differences().first()).isNotEmpty();

        // Whoever reads as it begins sees one state to the end.
        long seen = books.read(it -> {
            makeAnew();
            return it.first(row -> row.number("n"), "SELECT count(*) AS n FROM ledger.period")
                    .orElseThrow();
        });
        assertThat(seen).isEqualTo(right.size());

        assertThatThrownBy(() -> allPeriods(books))
                .isInstanceOf(BooksUnreadableException.class)
                .hasMessageContaining("made anew from the log, and have 0 of its ");
        assertThatThrownBy(() -> new MonthlyStatements(books, database, log.log, Duration.ZERO).list("acme", NOW))
                .isInstanceOf(BooksUnreadableException.class);
        books.fold();
        assertThat(allPeriods(books)).isEqualTo(right);
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void H21_books_that_have_more_than_the_log_say_so_until_they_are_made_anew() {
        RandomJournals randomJournals = new RandomJournals(29);
        log.insert(randomJournals.interleaved(randomJournals.journals(6, 6)));
        BooksProjection books = new BooksProjection(database);
        books.catchUp();
        // The last commit's rows are gone.
        asOwner("DELETE FROM ledger.checkpoint WHERE size = (SELECT max(size) FROM ledger.checkpoint)");
        asOwner("DELETE FROM ledger.event WHERE index >= (SELECT max(size) FROM ledger.checkpoint)");

        assertThatThrownBy(() -> allPeriods(books))
                .isInstanceOf(BooksUnreadableException.class)
                .hasMessageContaining("make the books anew");
        assertThatThrownBy(books::fold).isInstanceOf(BooksUnreadableException.class);
        makeAnew();
        books.fold();
        assertThat(allPeriods(books)).isNotEmpty();
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void H21_however_much_differs_all_is_counted_and_only_the_first_kept() {
        RandomJournals randomJournals = new RandomJournals(31);
        log.insert(randomJournals.interleaved(randomJournals.journals(12, MAX_ENTRIES)));
        new BooksProjection(database).catchUp();
        int deleted = new Database(postgres::asOwner).transaction(it -> it.update("DELETE FROM ledger.usage_day"));

        Differences found = new BooksAudit(database).differences();
        assertThat(found.count()).isEqualTo(deleted).isGreaterThan(Differences.MAX_KEPT);
        assertThat(found.first()).hasSize(Differences.MAX_KEPT);
    }

    @Test
    void H22_a_batch_that_takes_too_long_is_given_up_by_the_server_and_tried_smaller() throws Exception {
        RandomJournals randomJournals = new RandomJournals(37);
        log.insert(randomJournals.interleaved(randomJournals.journals(RESOURCES, MAX_ENTRIES)));
        // As if many periods at once took for ever.
        new Database(postgres::asOwner)
                .transaction(it -> it.connection().createStatement().execute("""
                        CREATE FUNCTION ledger.wait() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN
                            IF (SELECT count(*) > 50 FROM new) THEN PERFORM pg_sleep(86400); END IF;
                            RETURN NULL;
                        END $$;
                        CREATE TRIGGER wait AFTER INSERT ON ledger.period REFERENCING NEW TABLE AS new
                            EXECUTE FUNCTION ledger.wait();
                        """));
        BooksProjection books = new BooksProjection(database, 10_000, Duration.ofSeconds(1));

        assertThatThrownBy(books::catchUp).hasMessageContaining("57014");
        await().ignoreExceptionsInstanceOf(Database.Unavailable.class).until(() -> {
            books.catchUp();
            return true;
        });
        assertThat(new BooksAudit(database).differences().first()).isEmpty();
    }

    @Test
    void H21_only_the_schemas_owner_may_have_them_made_anew() {
        assertThatThrownBy(() -> database.transaction(
                        it -> it.first(row -> row.number("n"), "SELECT ledger.rebuild_books() AS n")))
                .hasMessageContaining("42501");
    }

    private void makeAnew() {
        new Database(postgres::asOwner)
                .transaction(it -> it.first(row -> row.number("n"), "SELECT ledger.rebuild_books() AS n"));
    }

    private void asOwner(String sql) {
        new Database(postgres::asOwner).transaction(it -> it.update(sql));
    }

    static Instant start(LocalDate day, ZoneId zone) {
        return day.atStartOfDay(zone).toInstant();
    }

    private List<Period> allPeriods(BooksProjection books) {
        Periods periods = new Periods(books);
        List<Period> all = new ArrayList<>();
        List<Period> page;
        do {
            Optional<Long> after =
                    all.isEmpty() ? Optional.empty() : Optional.of(all.getLast().openedBy());
            page = periods.list(AccessScope.all(), PeriodQuery.all(), after, 17);
            all.addAll(page);
        } while (!page.isEmpty());
        return all;
    }

    private static Map<String, Long> clipped(List<Period> periods, Instant from, Instant to) {
        Map<String, Long> sums = new TreeMap<>();
        for (Period it : periods) {
            Instant begin = it.startedAt().isAfter(from) ? it.startedAt() : from;
            Instant end = it.endAt(NOW).isBefore(to) ? it.endAt(NOW) : to;
            if (begin.isBefore(end)) {
                sums.merge(
                        it.account() + " " + it.subject().uid() + " " + it.state(),
                        Duration.between(begin, end).toNanos() / 1_000,
                        Long::sum);
            }
        }
        return sums;
    }

    private static Map<String, Long> byDay(List<UsageLine> lines) {
        return lines.stream().collect(Collectors.toMap(it -> it.day() + " " + it.state(), UsageLine::microseconds));
    }

    private static void assertThatNoneOverlapsAndOneAtMostIsOpen(List<Period> periods) {
        Map<String, Period> last = new HashMap<>();
        for (Period it : periods) {
            Period before = last.put(it.subject().uid(), it);
            if (before != null) {
                assertThat(before.endedAt()).isNotNull().isBeforeOrEqualTo(it.startedAt());
            }
        }
    }

    private static List<String> everything(Database database) {
        List<String> rows = new ArrayList<>();
        for (String table : List.of("period", "usage_day", "resource", "books_cursor")) {
            rows.addAll(database.transaction(
                    it -> it.all(row -> row.text("row"), "SELECT t::text AS row FROM ledger.%s t".formatted(table))));
        }
        Collections.sort(rows);
        return rows;
    }
}
