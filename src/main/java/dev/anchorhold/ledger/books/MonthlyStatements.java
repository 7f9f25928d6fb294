package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.AccountStatements.ClosedMonth;
import dev.anchorhold.ledger.books.Statement.Cell;
import dev.anchorhold.ledger.books.Statement.Status;
import dev.anchorhold.ledger.books.Statement.Summary;
import dev.anchorhold.ledger.log.DamagedLog;
import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Monthly statements (docs/books.md): computes, lists and closes them. An open one is computed from the periods whenever it is
 * read; some time after the month's end it is closed: written down with all its lines, and never touched again (F44). What comes
 * to light later about a closed month is the difference between what it should have been and all that was billed of it, in the
 * next statement that is closed; so it is billed once, however often it is computed.
 */
public final class MonthlyStatements {
    private final BooksProjection projection;
    private final Database database;
    private final TransparencyLog log;
    private final Duration closeAfter;

    /**
     * @param log commits to each statement that is closed
     * @param closeAfter how long after its end a month is closed at the earliest
     */
    public MonthlyStatements(BooksProjection projection, Database database, TransparencyLog log, Duration closeAfter) {
        this.projection = projection;
        this.database = database;
        this.log = log;
        this.closeAfter = closeAfter;
    }

    /**
     * The statement of a month; without lines when the account had nothing in it.
     *
     * @param now until when open periods count
     * @throws Database.Unavailable when nothing can be said
     */
    public Statement of(String account, YearMonth month, Instant now) {
        return projection.read(it -> {
            AccountStatements statements = new AccountStatements(it, account);
            Optional<Statement> closed = statements.closed(month, now);
            if (closed.isPresent()) {
                return closed.get();
            }
            Optional<YearMonth> firstOpen = statements.firstOpen();
            return firstOpen.filter(month::isBefore).isPresent()
                    ? statements.emptyClosed(month, now)
                    : statements.open(month, firstOpen.filter(month::equals).isPresent(), now);
        });
    }

    /** All statements of an account, the newest first: the open ones without a total, then those that are closed. */
    public List<Summary> list(String account, Instant now) {
        return projection.read(it -> {
            AccountStatements statements = new AccountStatements(it, account);
            List<Summary> all = new ArrayList<>();
            YearMonth current = YearMonth.from(now.atOffset(ZoneOffset.UTC));
            Optional<YearMonth> open = statements.firstOpen();
            for (YearMonth month = current;
                    open.isPresent() && !month.isBefore(open.get());
                    month = month.minusMonths(1)) {
                all.add(new Summary(month, Status.OPEN, null, null, null));
            }
            for (ClosedMonth month : statements.closed(Integer.MAX_VALUE)) {
                all.add(new Summary(month.month(), Status.CLOSED, month.closedAt(), month.currency(), month.total()));
            }
            return all;
        });
    }

    /** A statement that would be closed by now if these cells had a price. Its lines are left out: they can be very many. */
    record UnpricedMonth(String account, YearMonth month, List<Cell> cells) {
        static UnpricedMonth of(Statement it) {
            return new UnpricedMonth(
                    it.account(),
                    it.month(),
                    it.cells().stream().filter(cell -> cell.amount() == null).toList());
        }
    }

    /** An account of which a month is due and was not closed. */
    record FailedAccount(String account, String reason) {}

    record ClosingResult(int closed, List<UnpricedMonth> unpriced, List<FailedAccount> failed) {}

    /**
     * Closes all months that are due; none before there are any prices. Any companion may do it, and several at once: a month is closed
     * once. An account that fails, or whose periods or usage are not what the log says, keeps no other from being closed.
     *
     * @throws Database.Unavailable when the database does not answer
     * @throws DamagedLog when it cannot be known which prices the log commits to
     * @throws IllegalStateException when the prices are not those that the log commits to: nothing is billed by them
     */
    ClosingResult closeDue(Instant now) {
        projection.catchUp();
        if (database.transaction(Prices::known).isEmpty()) {
            return new ClosingResult(0, List.of(), List.of());
        }
        List<BooksAudit.Difference> changed = CommitmentsAudit.prices(database);
        if (!changed.isEmpty()) {
            throw new IllegalStateException(
                    "no month is closed, since the prices are not those that the log commits to: " + changed);
        }
        int closed = 0;
        List<UnpricedMonth> unpriced = new ArrayList<>();
        List<FailedAccount> failed = new ArrayList<>();
        for (String account : accounts()) {
            try {
                if (database.transaction(it -> due(new AccountStatements(it, account), now))
                        .isEmpty()) {
                    continue;
                }
                Differences differences = BooksAudit.ofAccount(database, account);
                if (differences.count() > 0) {
                    failed.add(new FailedAccount(
                            account,
                            "%d periods and days of usage are not what the log says, the first: %s"
                                    .formatted(
                                            differences.count(),
                                            differences.first().getFirst())));
                    continue;
                }
                Optional<Statement> next;
                do {
                    next = database.transaction(it -> closeNext(it, account, now));
                    if (next.isPresent() && next.get().closedAt() == null) {
                        unpriced.add(UnpricedMonth.of(next.get()));
                    } else if (next.isPresent()) {
                        closed++;
                    }
                } while (next.isPresent() && next.get().closedAt() != null);
            } catch (RuntimeException e) {
                failed.add(new FailedAccount(account, e.getMessage()));
                database.transaction(BooksProgress::read); // fails, and ends it, if no account could be closed
            }
        }
        return new ClosingResult(closed, unpriced, failed);
    }

    /** Whoever holds the cursor closes alone, and no event comes in between: a later one finds the month closed, and is late. */
    private Optional<Statement> closeNext(Transaction it, String account, Instant now) throws SQLException {
        AccountStatements statements = new AccountStatements(it, account);
        if (due(statements, now).isEmpty()) {
            return Optional.empty();
        }
        BooksProgress.lock(it).requireReadable();
        Optional<YearMonth> month = due(statements, now);
        if (month.isEmpty()) {
            return Optional.empty();
        }
        Statement open = statements.open(month.get(), true, now);
        if (open.total() == null) {
            return Optional.of(open);
        }
        statements.close(open, now.truncatedTo(ChronoUnit.MICROS), log);
        return statements.closed(month.get(), now);
    }

    private Optional<YearMonth> due(AccountStatements statements, Instant now) throws SQLException {
        return statements
                .firstOpen()
                .filter(it -> !MonthlyCharges.end(it).plus(closeAfter).isAfter(now));
    }

    /** All that ever had a period; jumps from one to the next in the index. */
    private List<String> accounts() {
        return database.transaction(it -> it.all(row -> row.text("account"), """
                WITH RECURSIVE each AS (
                    (SELECT account FROM ledger.period ORDER BY account LIMIT 1)
                    UNION ALL
                    SELECT (SELECT p.account FROM ledger.period p WHERE p.account > each.account ORDER BY p.account LIMIT 1)
                    FROM each WHERE each.account IS NOT NULL
                )
                SELECT account FROM each WHERE account IS NOT NULL
                """));
    }
}
