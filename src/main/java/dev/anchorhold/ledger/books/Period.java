package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database.Row;
import java.sql.SQLException;
import java.time.Instant;

/**
 * A period: a resource in one state for one account, from {@code startedAt} until just before {@code endedAt}.
 *
 * @param openedBy the index of the event in the log that began it; names the period, and orders lists
 * @param volumeGiB how many GiB of volumes it held; null when it had none, or that was not recorded yet
 * @param endedAt null while it lasts
 * @param closedBy the index of the event in the log that ended it; null while it lasts
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Period(
        long openedBy,
        Subject subject,
        String account,
        State state,
        Integer volumeGiB,
        Instant startedAt,
        Instant endedAt,
        Long closedBy) {

    static Period read(Row row) throws SQLException {
        Instant endedAt = row.instant("ended_at");
        return new Period(
                row.number("opened_by"),
                RowMapping.subject(row),
                row.text("account"),
                State.valueOf(row.text("state")),
                RowMapping.integer(row, "volume_gib"),
                row.instant("started_at"),
                endedAt,
                endedAt == null ? null : row.number("closed_by"));
    }

    /** Its end as far as it is known: now, while it lasts; never before its start, also when the clock was set back. */
    public Instant endAt(Instant now) {
        if (endedAt != null) {
            return endedAt;
        }
        return now.isAfter(startedAt) ? now : startedAt;
    }
}
