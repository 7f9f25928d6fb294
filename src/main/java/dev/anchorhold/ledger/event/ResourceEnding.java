package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidFieldException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The body of {@code POST /internal/v1/endings}: a resource whose object, and with it its journal, is gone has ended.
 * Sending it again changes nothing.
 *
 * @param at when it ended; taken for the instant of its newest entry when that is later
 * @param by who let it go; null for nobody
 * @param reason why it did not end by its journal
 */
public record ResourceEnding(String uid, Instant at, String by, String reason) {
    public ResourceEnding {
        Subject.checkUid(uid);
        InvalidFieldException.requirePresent(at, "at");
        at = at.truncatedTo(ChronoUnit.MICROS);
        if (by != null) {
            SingleLineText.check(by, LedgerEntry.MAX_BY, "by");
        }
        SingleLineText.check(reason, LedgerEntry.MAX_REASON, "reason");
    }
}
