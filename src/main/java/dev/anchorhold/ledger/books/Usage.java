package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Queries of usage: how long resources were in which state. A day of UTC is what closed periods left in {@code
 * ledger.usage_day}, and the open ones up to now (F41). Another zone's days are cut from the periods themselves (F42): 23 or 25
 * hours long where its clocks say so, and adding up to the same total.
 */
public final class Usage {
    /**
     * The parts of periods on each day. "day" is the bounds of the days, one more than there are days; a period meets only those
     * that it has a part in. The length is exact: the epoch of a timestamp is a numeric with six decimals.
     */
    private static final String PIECES = """
            SELECT i AS number, p.account, p.resource, p.state, (1000000 * (
                extract(epoch FROM least(p.until, bound[i + 1])) - extract(epoch FROM greatest(p.started_at, bound[i]))
            ))::bigint AS microseconds
            FROM (SELECT ?::timestamptz[] AS bound, ?::timestamptz AS now) AS given,
                LATERAL (
                    SELECT *, coalesce(ended_at, greatest(started_at, now)) AS until FROM ledger.period
                    WHERE started_at < bound[array_upper(bound, 1)] AND coalesce(ended_at, 'infinity') > bound[1] AND %s
                ) AS p,
                generate_series(
                    greatest(1, width_bucket(p.started_at, bound)),
                    least(array_upper(bound, 1) - 1, width_bucket(p.until, bound))
                ) AS i
            """;

    private static final String STORED_DAYS = """
            SELECT day - ?::date + 1 AS number, account, resource, state, microseconds FROM ledger.usage_day
            WHERE day >= ?::date AND day < ?::date AND %s
            UNION ALL
            """;

    private final BooksProjection projection;

    public Usage(BooksProjection projection) {
        this.projection = projection;
    }

    /**
     * Lines in the order of day, account, name and state; what is zero is left out.
     *
     * @param now until when open periods count
     * @throws Database.Unavailable when nothing can be said
     */
    public List<UsageLine> of(AccessScope scope, UsageQuery query, Instant now) {
        List<LocalDate> days = query.from().datesUntil(query.to()).toList();
        String[] bounds = Stream.concat(days.stream(), Stream.of(query.to()))
                .map(day -> day.atStartOfDay(query.zone()).toInstant().toString())
                .toArray(String[]::new);
        List<Object> values = new ArrayList<>();
        String pieces = query.utc() ? storedDays(scope, query, values) : "";
        SqlConditions conditions = conditions(scope, query);
        if (query.utc()) {
            conditions.and("ended_at IS NULL");
        }
        pieces += PIECES.formatted(conditions.sql());
        values.add(bounds);
        values.add(now);
        values.addAll(conditions.values());
        String sql = summed(query.by()).formatted(pieces);
        return projection.read(it -> it.all(row -> line(row, query, days), sql, values.toArray()));
    }

    private static String storedDays(AccessScope scope, UsageQuery query, List<Object> values) {
        SqlConditions conditions = conditions(scope, query);
        values.addAll(List.of(
                query.from().toString(), query.from().toString(), query.to().toString()));
        values.addAll(conditions.values());
        return STORED_DAYS.formatted(conditions.sql());
    }

    private static SqlConditions conditions(AccessScope scope, UsageQuery query) {
        return SqlConditions.in(scope, "account")
                .and("account = ?", query.account())
                .and("resource = ?::uuid", query.resource());
    }

    private static String summed(UsageQuery.GroupBy by) {
        String what = switch (by) {
            case DAY -> "number, state";
            case RESOURCE -> "account, resource, state";
            case ACCOUNT -> "account, state";
        };
        String sums = "SELECT " + what + ", sum(microseconds)::bigint AS microseconds FROM (%s) AS pieces GROUP BY "
                + what + " HAVING sum(microseconds) > 0";
        return by == UsageQuery.GroupBy.RESOURCE
                ? "SELECT * FROM (" + sums + ") AS sums JOIN ledger.resource USING (resource)"
                        + " ORDER BY account, namespace, name, resource, state DESC"
                : sums + " ORDER BY " + what + " DESC";
    }

    private static UsageLine line(Row row, UsageQuery query, List<LocalDate> days) throws SQLException {
        return new UsageLine(
                query.by() == UsageQuery.GroupBy.DAY ? days.get((int) row.number("number") - 1) : null,
                query.by() == UsageQuery.GroupBy.RESOURCE ? RowMapping.subject(row) : null,
                query.by() == UsageQuery.GroupBy.DAY ? null : row.text("account"),
                State.valueOf(row.text("state")),
                row.number("microseconds"));
    }
}
