package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.platform.Database;
import java.util.List;
import java.util.Optional;

/** Queries of periods, in the order in which the log has them: later ones come after those that were read. */
public final class Periods {
    private static final String WITH_SUBJECT = "ledger.period p JOIN ledger.resource USING (resource)";

    private final BooksProjection projection;

    public Periods(BooksProjection projection) {
        this.projection = projection;
    }

    /**
     * @param after {@code openedBy} of the last one that was read; empty for the first page
     * @param limit at most so many
     * @throws Database.Unavailable when nothing can be said
     */
    public List<Period> list(AccessScope scope, PeriodQuery query, Optional<Long> after, int limit) {
        SqlConditions conditions = SqlConditions.in(scope, "p.account")
                .and("p.account = ?", query.account())
                .and("resource = ?::uuid", query.resource())
                .and("p.state = ?", query.state().map(State::name))
                .and("coalesce(p.ended_at, 'infinity') > ?", query.from())
                .and("p.started_at < ?", query.to())
                .and("p.opened_by > ?", after);
        return projection.read(it -> it.all(
                Period::read,
                "SELECT * FROM " + WITH_SUBJECT + " WHERE " + conditions.sql() + " ORDER BY p.opened_by LIMIT ?",
                conditions.valuesAnd(limit)));
    }
}
