package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Changes the books by what some events of the log say: periods that begin and end, usage by day, and closed months that
 * an event came too late for. In sets, within the database: no event passes through this process. It takes all that the log
 * accepts: an event after which the resource is in the same state, for the same account, and holds as much, changes no period;
 * so a period lasts from the first event that says something else than before to the next one.
 */
final class Fold {
    /**
     * Each event beside the period that lasts as these events begin, if there is one ("open_"); of these the events that change
     * something ("change"), each with the end of what it begins, if that is among them.
     */
    private static final String CHANGES = """
            WITH event AS MATERIALIZED (
                SELECT e.index, e.sequence, e.resource, e.kind, e.namespace, e.name, e.region, e.size, e.account, e.state, e.volume_gib,
                    e.at, o.opened_by AS open_by, o.account AS open_account, o.state AS open_state, o.volume_gib AS open_gib,
                    o.started_at AS open_since
                FROM ledger.event e LEFT JOIN ledger.period o ON o.resource = e.resource AND o.ended_at IS NULL
                WHERE e.index >= ? AND e.index < ?
            ), entry AS (
                SELECT *, lag(account, 1, open_account) OVER history AS account_before,
                    lag(state, 1, open_state) OVER history AS state_before, lag(volume_gib, 1, open_gib) OVER history AS gib_before
                FROM event WINDOW history AS (PARTITION BY resource ORDER BY index)
            ), change AS MATERIALIZED (
                SELECT *, lead(at) OVER history AS ended_at, lead(index) OVER history AS closed_by,
                    row_number() OVER history = 1 AND open_by IS NOT NULL AS ends_open
                FROM entry
                WHERE account IS DISTINCT FROM account_before OR state IS DISTINCT FROM state_before
                    OR volume_gib IS DISTINCT FROM gib_before
                WINDOW history AS (PARTITION BY resource ORDER BY index)
            )
            """;

    /**
     * A statement has one view of the data, but its parts are carried out one after another only where one reads another: a period
     * is begun when all that end are ended, or the database would see two that last.
     */
    private static final String PERIODS = CHANGES + """
            , known AS (
                INSERT INTO ledger.resource (resource, kind, namespace, name, region, size)
                SELECT resource, kind, namespace, name, region, size FROM event WHERE sequence = 1
                ON CONFLICT DO NOTHING
            ), ended AS (
                UPDATE ledger.period p SET ended_at = c.at, closed_by = c.index
                FROM change c WHERE c.ends_open AND p.opened_by = c.open_by
                RETURNING p.opened_by
            ), begun AS (
                INSERT INTO ledger.period (opened_by, resource, account, state, volume_gib, started_at, ended_at, closed_by)
                SELECT index, resource, account, state, volume_gib, at, ended_at, closed_by FROM change
                WHERE state IS NOT NULL AND (SELECT count(*) FROM ended) >= 0
            ), closed AS (
                SELECT open_account AS account, resource, open_state AS state, open_since AS started_at, at AS ended_at
                FROM change WHERE ends_open
                UNION ALL
                SELECT account, resource, state, at, ended_at FROM change WHERE state IS NOT NULL AND ended_at IS NOT NULL
            ), used AS (
                INSERT INTO ledger.usage_day AS u (day, account, resource, state, microseconds)
                SELECT day::date, account, resource, state, sum(1000000 * (
                    extract(epoch FROM least(ended_at, (day + interval '1 day') AT TIME ZONE 'UTC'))
                    - extract(epoch FROM greatest(started_at, day AT TIME ZONE 'UTC'))))::bigint
                FROM closed, generate_series(
                    date_trunc('day', started_at AT TIME ZONE 'UTC'), ended_at AT TIME ZONE 'UTC', interval '1 day') AS day
                WHERE greatest(started_at, day AT TIME ZONE 'UTC') < ended_at
                GROUP BY 1, 2, 3, 4
                ON CONFLICT (account, day, resource, state) DO UPDATE SET microseconds = u.microseconds + EXCLUDED.microseconds
            ), affected AS (
                SELECT account, min(at) AS at FROM (
                    SELECT account, at FROM change WHERE state IS NOT NULL
                    UNION ALL
                    SELECT account_before, at FROM change WHERE state_before IS NOT NULL
                ) AS each GROUP BY account
            )
            INSERT INTO ledger.late (account, month)
            SELECT account, generate_series(date_trunc('month', at AT TIME ZONE 'UTC'), closed, interval '1 month')::date
            FROM affected, LATERAL
                (SELECT max(s.month)::timestamp AS closed FROM ledger.statement s WHERE s.account = affected.account) AS until
            ON CONFLICT DO NOTHING
            """;

    /** Months of which a period that ends may have a part: from the first that lasts to the last event. */
    private static final String MONTHS = """
            SELECT ledger.usage_month(month::date) FROM (
                SELECT min(least(e.at, o.started_at)) AS first, max(e.at) AS last
                FROM ledger.event e LEFT JOIN ledger.period o ON o.resource = e.resource AND o.ended_at IS NULL
                WHERE e.index >= ? AND e.index < ?
            ) AS range, generate_series(
                date_trunc('month', first AT TIME ZONE 'UTC'), last AT TIME ZONE 'UTC', interval '1 month') AS month
            """;

    /**
     * A plan for some thousand rows that reads no table through, however old its statistics are, and that is not worth compiling.
     * Nobody waits for the disk: what is lost in a crash is lost together with the cursor, and folded again.
     */
    private static final String SETTINGS = """
            SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
                set_config('synchronous_commit', 'off', true), set_config('statement_timeout', ?, true)
            """;

    private Fold() {}

    /**
     * Folds the events from one index to before another; all that were before are folded.
     *
     * @param timeout after which the server gives up a statement
     */
    static void apply(Transaction it, long begin, long end, Duration timeout) throws SQLException {
        it.first(_ -> true, SETTINGS, "" + timeout.toMillis());
        it.all(_ -> true, MONTHS, begin, end);
        it.update(PERIODS, begin, end);
    }
}
