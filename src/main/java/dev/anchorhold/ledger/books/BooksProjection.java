package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.Fold.OpenPeriod;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.List;

/**
 * Projects the log into periods and usage. Some events at a time are folded in one transaction that also moves the cursor: a
 * crash anywhere repeats nothing and skips nothing, several companions may fold at once, and however the events are cut into
 * batches the books are the same.
 */
public final class BooksProjection {
    private static final int BATCH_SIZE = 2_000;

    private final Database database;
    private final int batchSize;

    public BooksProjection(Database database) {
        this(database, BATCH_SIZE);
    }

    /** @param batchSize events in one transaction */
    BooksProjection(Database database, int batchSize) {
        this.database = database;
        this.batchSize = batchSize;
    }

    /**
     * Returns when all is folded that was in the log as this was called. Call it before the books are read: then they have all
     * that was acknowledged before. Two look-ups when there is nothing new.
     *
     * @throws Database.Unavailable when it is not known to be done
     * @throws LogGapException when the log is not as the log writes it: somebody has changed the database
     */
    public void catchUp() {
        long goal = head();
        while (position() < goal) {
            database.transaction(this::foldBatch);
        }
    }

    /** Thrown when the log lacks an event: nothing after the gap may be counted. */
    public static final class LogGapException extends RuntimeException {
        LogGapException(long index) {
            super("the log has no event %d though it has later ones: verify it (docs/log.md)".formatted(index));
        }
    }

    /** How many events are in the books. */
    public long position() {
        return database.transaction(
                        it -> it.first(row -> row.number("position"), "SELECT position FROM ledger.books_cursor"))
                .orElseThrow();
    }

    private long head() {
        return database.transaction(it -> it.first(
                        row -> row.number("size"), "SELECT coalesce(max(index) + 1, 0) AS size FROM ledger.event"))
                .orElseThrow();
    }

    /** Until the commit nobody else folds, and nobody closes a month. What is read after this is what is committed by then. */
    static long lockCursor(Transaction it) throws SQLException {
        return it.first(row -> row.number("position"), "SELECT position FROM ledger.books_cursor FOR UPDATE")
                .orElseThrow();
    }

    private int foldBatch(Transaction it) throws SQLException {
        long position = lockCursor(it);
        List<StateChange> events = it.all(
                StateChange::read,
                "SELECT * FROM ledger.event WHERE index >= ? ORDER BY index LIMIT ?",
                position,
                batchSize);
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).index() != position + i) {
                throw new LogGapException(position + i);
            }
        }
        if (!events.isEmpty()) {
            Fold fold = new Fold(openPeriods(it, events));
            events.forEach(fold::apply);
            write(it, fold);
            it.update("UPDATE ledger.books_cursor SET position = ?", position + events.size());
        }
        return events.size();
    }

    private static List<OpenPeriod> openPeriods(Transaction it, List<StateChange> events) throws SQLException {
        return it.all(
                row -> new OpenPeriod(
                        row.number("opened_by"),
                        row.text("resource"),
                        row.text("account"),
                        State.valueOf(row.text("state")),
                        row.instant("started_at")),
                """
                SELECT * FROM ledger.period
                WHERE ended_at IS NULL AND resource IN (SELECT value::uuid FROM json_array_elements_text(?::json))
                """,
                RowMapping.json(
                        events.stream().map(e -> e.subject().uid()).distinct().toList()));
    }

    private static void write(Transaction it, Fold fold) throws SQLException {
        it.update("""
                INSERT INTO ledger.resource (resource, kind, namespace, name, region, size)
                SELECT uid, kind, namespace, name, region, size FROM json_to_recordset(?::json)
                    AS x(uid uuid, kind text, namespace text, name text, region text, size text)
                ON CONFLICT DO NOTHING
                """, RowMapping.json(fold.subjects()));
        it.update("""
                UPDATE ledger.period p SET ended_at = x."endedAt", closed_by = x."closedBy"
                FROM json_to_recordset(?::json) AS x("openedBy" bigint, "endedAt" timestamptz, "closedBy" bigint)
                WHERE p.opened_by = x."openedBy"
                """, RowMapping.json(fold.closed()));
        it.update("""
                INSERT INTO ledger.period (opened_by, resource, account, state, started_at, ended_at, closed_by)
                SELECT * FROM json_to_recordset(?::json) AS x("openedBy" bigint, resource uuid, account text, state text,
                    "startedAt" timestamptz, "endedAt" timestamptz, "closedBy" bigint)
                """, RowMapping.json(fold.opened()));
        it.all(
                _ -> true,
                "SELECT ledger.usage_month(value::date) FROM json_array_elements_text(?::json)",
                RowMapping.json(months(fold)));
        it.update("""
                INSERT INTO ledger.usage_day AS u (day, account, resource, state, microseconds)
                SELECT * FROM json_to_recordset(?::json)
                    AS x(day date, account text, resource uuid, state text, microseconds bigint)
                ON CONFLICT (account, day, resource, state) DO UPDATE SET microseconds = u.microseconds + EXCLUDED.microseconds
                """, RowMapping.json(fold.dayUsage()));
        it.update("""
                INSERT INTO ledger.late (account, month)
                SELECT account, generate_series(date_trunc('month', at AT TIME ZONE 'UTC'), closed, interval '1 month')::date
                FROM json_to_recordset(?::json) AS x(account text, at timestamptz), LATERAL
                    (SELECT max(s.month)::timestamp AS closed FROM ledger.statement s WHERE s.account = x.account) AS until
                ON CONFLICT DO NOTHING
                """, RowMapping.json(fold.affectedAccounts()));
    }

    private static List<String> months(Fold fold) {
        return fold.dayUsage().stream()
                .map(it -> YearMonth.from(it.day()).atDay(1).toString())
                .distinct()
                .toList();
    }
}
