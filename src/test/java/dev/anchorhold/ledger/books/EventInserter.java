package dev.anchorhold.ledger.books;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.LogKeys;
import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Records events in a log, by a clock that is later than all of them. */
final class EventInserter {
    private static final InstantSource LATER = InstantSource.fixed(Instant.parse("2031-01-01T00:00:00Z"));

    final TransparencyLog log;

    EventInserter(Database database) {
        log = new TransparencyLog(database, LogKeys.shared(), LATER);
    }

    void insert(List<ResourceJournal> journals) {
        journals.forEach(this::insert);
    }

    void insert(Subject subject, LedgerEntry... entries) {
        List<LedgerEntry> all = List.of(entries);
        for (int i = 0; i < all.size(); i += Delivery.MAX_ENTRIES) {
            insert(new ResourceJournal(subject, all.subList(i, Math.min(all.size(), i + Delivery.MAX_ENTRIES))));
        }
    }

    private void insert(ResourceJournal journal) {
        assertThat(log.record(new Delivery(List.of(journal))).outcomes())
                .allSatisfy(it -> assertThat(it.refusal()).isNull());
    }
}
