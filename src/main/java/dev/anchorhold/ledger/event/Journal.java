package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidField;
import java.util.List;

/** What is to be told of one resource: entries that follow one another. */
public record Journal(Subject subject, List<Entry> entries) {
    public Journal {
        InvalidField.present(subject, "subject");
        InvalidField.unless(entries != null && !entries.isEmpty(), "entries", "must not be empty");
        entries = List.copyOf(entries);
        for (int i = 1; i < entries.size(); i++) {
            InvalidField.unless(
                    entries.get(i).sequence() == entries.get(i - 1).sequence() + 1,
                    "entries",
                    "must follow one another without a gap");
        }
    }
}
