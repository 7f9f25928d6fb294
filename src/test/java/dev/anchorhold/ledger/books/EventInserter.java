package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.EventRow;
import dev.anchorhold.platform.Database;
import java.util.List;

/** Inserts events into the log's table as the log would, without the hashes that nobody needs here. */
final class EventInserter {
    private static final String INSERT = EventRow.INSERT.formatted("ledger.event") + EventRow.VALUES;

    private final Database database;
    private long index;

    EventInserter(Database database) {
        this.database = database;
    }

    void insert(List<ResourceJournal> journals) {
        journals.forEach(it -> insert(it.subject(), it.entries().toArray(LedgerEntry[]::new)));
    }

    void insert(Subject subject, LedgerEntry... entries) {
        database.transaction(it -> {
            for (LedgerEntry entry : entries) {
                it.update(INSERT, EventRow.of(index++, subject, entry, new byte[16], new byte[32]));
            }
            return null;
        });
    }
}
