package dev.anchorhold.operator.journal;

import dev.anchorhold.resource.JournalEntry;

/** A journal's entry in one line, as tests read it. */
public final class JournalWords {
    private JournalWords() {}

    public static String of(JournalEntry e) {
        return "%d %s %s"
                .formatted(e.sequence(), e.at().substring(e.at().indexOf('T') + 1, e.at().length() - 1), what(e));
    }

    /** Without its place and instant. */
    public static String what(JournalEntry e) {
        return e.event()
                + (e.state() == null ? "" : " " + e.state())
                + " " + e.account()
                + (e.previousAccount() == null ? "" : " from " + e.previousAccount())
                + (e.by() == null ? "" : " by " + e.by());
    }
}
