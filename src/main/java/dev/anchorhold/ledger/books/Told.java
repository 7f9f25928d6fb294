package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.Happening;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database.Row;
import java.sql.SQLException;
import java.time.Instant;

/** What the fold needs of an event of the log. */
record Told(long index, Subject subject, Happening event, State state, String account, Instant at) {

    static Told read(Row row) throws SQLException {
        return new Told(
                row.number("index"),
                Rows.subject(row),
                Happening.of(row.text("event")),
                row.text("state") == null ? null : State.valueOf(row.text("state")),
                row.text("account"),
                row.instant("at"));
    }
}
