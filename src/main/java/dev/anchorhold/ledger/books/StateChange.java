package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database.Row;
import java.sql.SQLException;
import java.time.Instant;

/** An event of the log, as far as the fold needs it. */
record StateChange(long index, Subject subject, EventType event, State state, String account, Instant at) {

    static StateChange read(Row row) throws SQLException {
        return new StateChange(
                row.number("index"),
                RowMapping.subject(row),
                EventType.of(row.text("event")),
                row.text("state") == null ? null : State.valueOf(row.text("state")),
                row.text("account"),
                row.instant("at"));
    }
}
