package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidFieldException;
import java.util.List;

/** Journal entries of one resource that follow one another without a gap. */
public record ResourceJournal(Subject subject, List<LedgerEntry> entries) {
    public ResourceJournal {
        InvalidFieldException.requirePresent(subject, "subject");
        InvalidFieldException.require(entries != null && !entries.isEmpty(), "entries", "must not be empty");
        entries = List.copyOf(entries);
        for (int i = 1; i < entries.size(); i++) {
            InvalidFieldException.require(
                    entries.get(i).sequence() == entries.get(i - 1).sequence() + 1,
                    "entries",
                    "must follow one another without a gap");
        }
    }
}
