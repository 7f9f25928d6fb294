package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/** An event as a row of the log's table, without the log: nobody looks at its hashes. */
public final class EventRow {
    /** To be filled with the table's name. */
    public static final String INSERT = """
            INSERT INTO %s (index, resource, sequence, kind, namespace, name, region, size, event, state, account, previous_account,
                at, asked_by, recorded_at, nonce, leaf_hash)
            """;

    public static final String VALUES = "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private EventRow() {}

    /** In the order of {@link #INSERT}, recorded now. */
    public static Object[] of(long index, Subject subject, LedgerEntry entry, byte[] nonce, byte[] hash) {
        return new Object[] {
            index,
            UUID.fromString(subject.uid()),
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
            entry.at().atOffset(ZoneOffset.UTC),
            entry.by(),
            OffsetDateTime.now(ZoneOffset.UTC),
            nonce,
            hash
        };
    }
}
