package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recomputes periods and usage from the log, and lists where the books differ; also where what is billed differs from what the log
 * commits to ({@link CommitmentsAudit}). Another way than {@link Fold}'s: each
 * resource's whole history at once, where nothing is joined to what was there before: so a mistake in one of them shows as well
 * as a changed row. Some resources at a time, each
 * time as of one instant; it takes no lock.
 */
public final class BooksAudit {
    private static final int BATCH_SIZE = 500;

    private static final String IN_RANGE = "resource > ?::uuid AND resource <= ?::uuid";

    /** By what the log says of it, and by what the books say, which somebody may have changed. */
    private static final String OF_ACCOUNT = """
            resource IN (
                SELECT resource FROM ledger.event WHERE account = ?
                UNION SELECT resource FROM ledger.period WHERE account = ?
                UNION SELECT resource FROM ledger.usage_day WHERE account = ?
            )
            """;

    /** A period lasts from an event that says something else than the one before it to the next such event. */
    private static final String PERIODS = """
            WITH entry AS (
                SELECT *, lag(account) OVER history AS account_before, lag(state) OVER history AS state_before,
                    lag(volume_gib) OVER history AS gib_before
                FROM ledger.event
                WHERE index < (SELECT position FROM ledger.books_cursor) AND :resources
                WINDOW history AS (PARTITION BY resource ORDER BY sequence)
            ), change AS (
                SELECT *, lead(at) OVER history AS ended_at, lead(index) OVER history AS closed_by FROM entry
                WHERE (account, state, volume_gib) IS DISTINCT FROM (account_before, state_before, gib_before)
                WINDOW history AS (PARTITION BY resource ORDER BY sequence)
            ), recomputed AS (
                SELECT index AS opened_by, resource, account, state, at AS started_at, ended_at, closed_by, kind, namespace, name,
                    region, size, volume_gib
                FROM change WHERE state IS NOT NULL
            )
            """;

    private static final String DIFFERING_PERIODS = PERIODS + """
            , stored AS (
                SELECT opened_by, resource, account, state, started_at, ended_at, closed_by, kind, namespace, name, region, size,
                    volume_gib
                FROM ledger.period JOIN ledger.resource USING (resource) WHERE :resources
            )
            SELECT coalesce(stored.resource, recomputed.resource) AS resource, 'period ' || opened_by AS item,
                stored::text AS stored, recomputed::text AS recomputed
            FROM stored FULL JOIN recomputed USING (opened_by)
            WHERE stored IS DISTINCT FROM recomputed
            """;

    private static final String DIFFERING_USAGE = PERIODS + """
            , used AS (
                SELECT day::date, account, resource, state, (1000000 * sum(
                    extract(epoch FROM least(ended_at, (day + interval '1 day') AT TIME ZONE 'UTC'))
                    - extract(epoch FROM greatest(started_at, day AT TIME ZONE 'UTC'))))::bigint AS microseconds
                FROM recomputed, generate_series(
                    date_trunc('day', started_at AT TIME ZONE 'UTC'), ended_at AT TIME ZONE 'UTC', interval '1 day') AS day
                WHERE ended_at IS NOT NULL
                GROUP BY 1, 2, 3, 4
            ), counted AS (
                SELECT * FROM used WHERE microseconds > 0
            ), stored AS (
                SELECT * FROM ledger.usage_day WHERE :resources
            )
            SELECT resource, 'usage of ' || account || ' on ' || day || ', ' || state AS item,
                stored.microseconds::text AS stored, counted.microseconds::text AS recomputed
            FROM stored FULL JOIN counted USING (day, account, resource, state)
            WHERE stored.microseconds IS DISTINCT FROM counted.microseconds
            """;

    private static final String FIRST = "00000000-0000-0000-0000-000000000000";
    private static final String LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

    private final Database database;

    public BooksAudit(Database database) {
        this.database = database;
    }

    /**
     * @param resource whose it is; of a statement the account
     * @param item which period, which day's usage, which statement or which version of the prices
     * @param stored as it is in the books; empty when it is not
     * @param recomputed as the log has it; empty when it has no such thing
     */
    public record Difference(String resource, String item, Optional<String> stored, Optional<String> recomputed) {}

    /**
     * What differs: nothing when the books are right.
     *
     * @throws Database.Unavailable when it was not done
     */
    public Differences differences() {
        Differences found = new Differences();
        String after = FIRST;
        while (!after.equals(LAST)) {
            String from = after;
            String to = upTo(from);
            database.transaction(it -> {
                compare(it, DIFFERING_PERIODS, IN_RANGE, List.of(from, to), found);
                compare(it, DIFFERING_USAGE, IN_RANGE, List.of(from, to), found);
                return null;
            });
            after = to;
        }
        CommitmentsAudit.compare(database, found);
        return found;
    }

    /** The last of the next few resources, or the end: rows of resources that the books do not know are in some range too. */
    private String upTo(String after) {
        return database.transaction(it -> it.first(
                        row -> row.text("resource"),
                        "SELECT resource FROM ledger.resource WHERE resource > ?::uuid ORDER BY resource OFFSET ? LIMIT 1",
                        after,
                        BATCH_SIZE - 1))
                .orElse(LAST);
    }

    /** Of the resources that an account has or had, so that nothing is billed by books that somebody changed. */
    static Differences ofAccount(Database database, String account) {
        Differences found = new Differences();
        database.transaction(it -> {
            CommitmentsAudit.asOfNow(it);
            compare(it, DIFFERING_PERIODS, OF_ACCOUNT, List.of(account, account, account), found);
            compare(it, DIFFERING_USAGE, OF_ACCOUNT, List.of(account, account, account), found);
            return null;
        });
        return found;
    }

    /**
     * The database counts them, and tells the first.
     *
     * @param resources a condition: which resources are compared
     */
    private static void compare(
            Transaction it, String differing, String resources, List<String> parameters, Differences found)
            throws SQLException {
        record Counted(Difference difference, long count) {}
        List<Object> all = new ArrayList<>(parameters);
        all.addAll(parameters);
        all.add(Differences.MAX_KEPT);
        List<Counted> counted = it.all(
                row -> new Counted(difference(row), row.number("count")),
                "SELECT *, count(*) OVER () AS count FROM (%s) AS differing LIMIT ?"
                        .formatted(differing.replace(":resources", resources)),
                all.toArray());
        if (!counted.isEmpty()) {
            found.add(
                    counted.stream().map(Counted::difference).toList(),
                    counted.getFirst().count());
        }
    }

    private static Difference difference(Database.Row row) throws SQLException {
        return new Difference(
                row.text("resource"),
                row.text("item"),
                Optional.ofNullable(row.text("stored")),
                Optional.ofNullable(row.text("recomputed")));
    }
}
