package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.EventRow;
import dev.anchorhold.platform.Database;
import java.util.List;

/** Puts events into the log's table as the log would, without the hashes that nobody asks for here. */
final class LogRows {
    private static final String INSERT = EventRow.INSERT.formatted("ledger.event") + EventRow.VALUES;

    private final Database database;
    private long index;

    LogRows(Database database) {
        this.database = database;
    }

    void tell(List<Journal> journals) {
        journals.forEach(it -> tell(it.subject(), it.entries().toArray(Entry[]::new)));
    }

    void tell(Subject subject, Entry... entries) {
        database.transaction(it -> {
            for (Entry entry : entries) {
                it.update(INSERT, EventRow.of(index++, subject, entry, new byte[16], new byte[32]));
            }
            return null;
        });
    }
}
