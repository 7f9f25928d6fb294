package dev.anchorhold.dashboard;

import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Instant;
import java.util.Locale;

/**
 * A resource in a list.
 *
 * @param state what it is in; null when it is not the account's any more: it is gone, or was given away
 * @param since when that began
 */
record ResourceRow(Subject subject, State state, Instant since) {

    public String stateText() {
        return state == null ? "no longer here" : Format.state(subject.kind(), state);
    }

    /** For the style: {@code running}, {@code paused} or {@code gone}. */
    public String stateClass() {
        return state == null ? "gone" : state.name().toLowerCase(Locale.ROOT);
    }
}
