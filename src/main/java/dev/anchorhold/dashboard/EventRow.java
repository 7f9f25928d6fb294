package dev.anchorhold.dashboard;

import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.LogEvent;
import java.time.Instant;

/**
 * An event of the log in a list.
 *
 * @param index its leaf, from 0
 * @param wire what happened, as the log has it
 * @param what the same in words
 * @param by null when nobody is known to have asked for it
 * @param reason null when there is none
 */
record EventRow(long index, Subject subject, Instant at, String wire, String what, String by, String reason) {

    static EventRow of(LogEvent it) {
        var entry = it.entry();
        String what = switch (entry.event()) {
            case PROVISION -> "made";
            case START -> "started";
            case STOP -> "stopped";
            case RESIZE -> "its volume resized to %s GiB".formatted(entry.volumeGiB());
            case TRANSFER -> "given to %s by %s".formatted(entry.account(), entry.previousAccount());
            case DESTROY -> "destroyed";
        };
        return new EventRow(
                it.index(), it.subject(), entry.at(), entry.event().wire(), what, entry.by(), entry.reason());
    }
}
