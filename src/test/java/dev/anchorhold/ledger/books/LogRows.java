package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database;
import java.time.Instant;
import java.util.List;

/** Puts events into the log's table as the log would, without the hashes that nobody asks for here. */
final class LogRows {
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
                it.update(
                        """
                        INSERT INTO ledger.event (index, resource, sequence, kind, namespace, name, region, size, event, state,
                            account, previous_account, at, asked_by, recorded_at, nonce, leaf_hash)
                        VALUES (?, ?::uuid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                        index++,
                        subject.uid(),
                        entry.sequence(),
                        subject.kind().name(),
                        subject.namespace(),
                        subject.name(),
                        subject.region(),
                        subject.size(),
                        entry.event().wire(),
                        entry.state() == null ? null : entry.state().name(),
                        entry.account(),
                        entry.previousAccount(),
                        entry.at(),
                        entry.by(),
                        Instant.now(),
                        new byte[16],
                        new byte[32]);
            }
            return null;
        });
    }
}
