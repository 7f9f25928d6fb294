package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.resource.JournalEntry;

/** Formats a journal entry as one line, for assertions. */
public final class JournalLines {
    private JournalLines() {}

    public static String of(JournalEntry e) {
        return "%d %s %s"
                .formatted(e.sequence(), e.at().substring(e.at().indexOf('T') + 1, e.at().length() - 1), what(e));
    }

    /** Without its place and instant. */
    public static String what(JournalEntry e) {
        return what(e.event(), e.state(), e.account(), e.previousAccount(), e.by(), e.reason());
    }

    static String what(LedgerEntry e) {
        return what(
                e.event().wire(),
                e.state() == null ? null : e.state().name(),
                e.account(),
                e.previousAccount(),
                e.by(),
                e.reason());
    }

    private static String what(
            String event, String state, String account, String previousAccount, String by, String reason) {
        return event
                + (state == null ? "" : " " + state)
                + " " + account
                + (previousAccount == null ? "" : " from " + previousAccount)
                + (by == null ? "" : " by " + by)
                + (reason == null ? "" : " (" + reason + ")");
    }
}
