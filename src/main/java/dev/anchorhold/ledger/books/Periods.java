package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.platform.Database;
import java.util.List;
import java.util.Optional;

/** The periods, page by page, in the order in which the log tells them: what comes later stands behind what was read. */
public final class Periods {
    private static final String WITH_SUBJECT = "ledger.period p JOIN ledger.resource USING (resource)";

    private final BooksProjection books;
    private final Database database;

    public Periods(BooksProjection books, Database database) {
        this.books = books;
        this.database = database;
    }

    /**
     * @param after {@link PeriodPage#next} of the page before; empty for the first
     * @param limit at most so many, 1 or more
     * @throws Database.Unavailable when nothing can be said
     */
    public PeriodPage<Period> list(AccessScope scope, PeriodQuery query, Optional<Long> after, int limit) {
        books.catchUp();
        SqlConditions sqlConditions = SqlConditions.in(scope, "p.account")
                .and("p.account = ?", query.account())
                .and("resource = ?::uuid", query.resource())
                .and("p.state = ?", query.state().map(State::name))
                .and("coalesce(p.ended_at, 'infinity') > ?", query.from())
                .and("p.started_at < ?", query.to())
                .and("p.opened_by > ?", after);
        List<Period> found = database.transaction(it -> it.all(
                Period::read,
                "SELECT * FROM " + WITH_SUBJECT + " WHERE " + sqlConditions.sql() + " ORDER BY p.opened_by LIMIT ?",
                sqlConditions.valuesAnd(limit + 1)));
        return found.size() <= limit
                ? new PeriodPage<>(found, Optional.empty())
                : new PeriodPage<>(
                        found.subList(0, limit),
                        Optional.of(found.get(limit - 1).openedBy()));
    }
}
