package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.anchorhold.ledger.books.Statement.Status;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.Commitment.Type;
import dev.anchorhold.ledger.log.Commitments;
import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads, computes and closes the statements of one account, within a transaction that sees one state of the books. */
record AccountStatements(Transaction transaction, String account) {
    /** Uses the index {@code period_account_end}: what ended before the month is not read. */
    static final String PERIODS_OF_MONTH = """
            SELECT * FROM ledger.period p JOIN ledger.resource USING (resource)
            WHERE account = ? AND coalesce(ended_at, 'infinity') > ? AND started_at < ? ORDER BY opened_by
            """;

    /** @param closedAt like total and currency, as it was billed */
    record ClosedMonth(YearMonth month, Instant closedAt, String currency, BigDecimal total) {}

    /** The newest first. */
    List<ClosedMonth> closed(int limit) throws SQLException {
        return transaction.all(
                row -> new ClosedMonth(
                        month(row, "month"),
                        row.instant("closed_at"),
                        row.text("currency"),
                        new BigDecimal(row.text("total"))),
                "SELECT * FROM ledger.statement WHERE account = ? ORDER BY month DESC LIMIT ?",
                account,
                limit);
    }

    /** The first month that is not closed; empty when the account never had anything. Its months are closed in their order. */
    Optional<YearMonth> firstOpen() throws SQLException {
        Optional<YearMonth> last = closed(1).stream().map(ClosedMonth::month).findFirst();
        return last.isPresent()
                ? last.map(month -> month.plusMonths(1))
                : transaction
                        .first(
                                row -> Optional.ofNullable(row.instant("first")),
                                "SELECT min(started_at) AS first FROM ledger.period WHERE account = ?",
                                account)
                        .flatMap(first -> first)
                        .map(first -> YearMonth.from(first.atOffset(ZoneOffset.UTC)));
    }

    /** As it was billed; empty while it is open. */
    Optional<Statement> closed(YearMonth month, Instant now) throws SQLException {
        Optional<ClosedStatement> stored = stored(month);
        return stored.isEmpty()
                ? Optional.empty()
                : Optional.of(stored.get()
                        .read(
                                now,
                                Commitments.of(transaction, Type.Statement, account, month.toString())
                                        .orElse(null)));
    }

    /** The rows of what was billed; empty while it is open. */
    Optional<ClosedStatement> stored(YearMonth month) throws SQLException {
        List<StatementLine> lines = transaction.all(
                AccountStatements::line,
                "SELECT * FROM ledger.statement_line WHERE account = ? AND month = ?::date ORDER BY number",
                account,
                date(month));
        return transaction.first(
                row -> new ClosedStatement(
                        account,
                        month,
                        row.instant("closed_at"),
                        row.text("currency"),
                        new BigDecimal(row.text("total")),
                        lines),
                "SELECT * FROM ledger.statement WHERE account = ? AND month = ?::date",
                account,
                date(month));
    }

    /** Nothing was known of so early a time as the account's first statement was closed: what came out later is an adjustment. */
    Statement emptyClosed(YearMonth month, Instant now) {
        return new Statement(account, month, Status.CLOSED, now, null, null, List.of(), List.of(), null);
    }

    /** As it would be billed now. What came too late for closed months is in the first one that is open, and only there. */
    Statement open(YearMonth month, boolean first, Instant now) throws SQLException {
        List<PriceList> prices = Prices.known(transaction);
        List<StatementLine> adjustments = new ArrayList<>();
        if (first) {
            for (YearMonth late : lateMonths()) {
                MonthlyCharges charges = new MonthlyCharges(late, prices);
                List<StatementLine> current = charges.lines(periods(late), MonthlyCharges.end(late));
                adjustments.addAll(charges.adjustments(current, billed(late)));
            }
        }
        return new Statement(
                account,
                month,
                Status.OPEN,
                now,
                null,
                prices.isEmpty() ? null : prices.getLast().currency(),
                new MonthlyCharges(month, prices).lines(periods(month), now),
                adjustments,
                null);
    }

    private List<Period> periods(YearMonth month) throws SQLException {
        return transaction.all(
                Period::read, PERIODS_OF_MONTH, account, MonthlyCharges.begin(month), MonthlyCharges.end(month));
    }

    private List<YearMonth> lateMonths() throws SQLException {
        return transaction.all(
                row -> month(row, "month"), "SELECT month FROM ledger.late WHERE account = ? ORDER BY month", account);
    }

    private List<StatementLine> billed(YearMonth month) throws SQLException {
        return transaction.all(AccountStatements::line, """
                SELECT * FROM ledger.statement_line WHERE account = ? AND for_month = ?::date ORDER BY month, number
                """, account, date(month));
    }

    private record LineRow(
            int number,
            String forMonth,
            long period,
            @JsonUnwrapped Subject subject,
            State state,
            Instant from,
            Instant to,
            long microseconds,
            Integer volumeGiB,
            int priceVersion,
            long perHour,
            String stripePrice) {

        static LineRow of(StatementLine line, int number) {
            return new LineRow(
                    number,
                    date(line.forMonth()),
                    line.period(),
                    line.subject(),
                    line.state(),
                    line.from(),
                    line.to(),
                    line.microseconds(),
                    line.volumeGiB(),
                    line.priceVersion(),
                    Money.perHour(line.unitPrice()),
                    line.stripePrice());
        }
    }

    /** Writes it down for good, in the log too; the adjustments in it are settled by that. */
    void close(Statement statement, Instant now, TransparencyLog log) throws SQLException {
        transaction.update(
                "INSERT INTO ledger.statement (account, month, closed_at, currency, total) VALUES (?, ?::date, ?, ?, ?)",
                account,
                date(statement.month()),
                now,
                statement.currency(),
                statement.total());
        List<LineRow> lines = new ArrayList<>();
        statement.lines().forEach(line -> lines.add(LineRow.of(line, lines.size() + 1)));
        statement.adjustments().forEach(line -> lines.add(LineRow.of(line, lines.size() + 1)));
        transaction.update("""
                INSERT INTO ledger.statement_line (account, month, number, for_month, period, resource, kind, namespace, name, region,
                    size, state, started_at, ended_at, microseconds, volume_gib, price_version, per_hour, stripe_price)
                SELECT ?, ?::date, x.* FROM json_to_recordset(?::json) AS x(number int, "forMonth" date, period bigint,
                    uid uuid, kind text, namespace text, name text, region text, size text, state text, "from" timestamptz,
                    "to" timestamptz, microseconds bigint, "volumeGiB" int, "priceVersion" int, "perHour" bigint, "stripePrice" text)
                """, account, date(statement.month()), RowMapping.json(lines));
        transaction.update("DELETE FROM ledger.late WHERE account = ?", account);
        byte[] digest = CommittedForm.digest(stored(statement.month()).orElseThrow());
        log.commit(transaction, Type.Statement, account, statement.month().toString(), digest);
    }

    private static StatementLine line(Row row) throws SQLException {
        return new StatementLine(
                month(row, "for_month"),
                row.number("period"),
                RowMapping.subject(row),
                State.valueOf(row.text("state")),
                row.instant("started_at"),
                row.instant("ended_at"),
                row.number("microseconds"),
                RowMapping.integer(row, "volume_gib"),
                (int) row.number("price_version"),
                Money.unitPrice(row.number("per_hour")),
                row.text("stripe_price"));
    }

    private static YearMonth month(Row row, String column) throws SQLException {
        return YearMonth.from(LocalDate.parse(row.text(column)));
    }

    private static String date(YearMonth month) {
        return month.atDay(1).toString();
    }
}
