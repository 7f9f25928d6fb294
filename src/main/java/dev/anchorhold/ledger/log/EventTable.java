package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.Array;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Maps events to rows of {@code ledger.event} and back, many in one statement. */
final class EventTable {
    private EventTable() {}

    /**
     * What the log has of the journals' resources, by UID: the entries that the journals repeat, and each one's newest. A resource
     * that the log does not know is missing.
     */
    static Map<String, ResourceHistory> histories(Transaction transaction, Collection<ResourceJournal> journals)
            throws SQLException {
        List<LogEvent> events = transaction.all(
                EventTable::event,
                """
                SELECT e.* FROM unnest(?::uuid[], ?::bigint[], ?::bigint[]) AS sent (resource, lowest, highest)
                CROSS JOIN LATERAL (
                    SELECT * FROM ledger.event WHERE resource = sent.resource AND sequence BETWEEN sent.lowest AND sent.highest
                    UNION ALL
                    (SELECT * FROM ledger.event WHERE resource = sent.resource ORDER BY sequence DESC LIMIT 1)
                ) AS e
                """,
                array(transaction, "uuid", journals, it -> it.subject().uid()),
                array(
                        transaction,
                        "bigint",
                        journals,
                        it -> it.entries().getFirst().sequence()),
                array(
                        transaction,
                        "bigint",
                        journals,
                        it -> it.entries().getLast().sequence()));
        Map<String, ResourceHistory> histories = new HashMap<>();
        events.forEach(it -> histories.merge(
                it.subject().uid(),
                ResourceHistory.of(it.subject(), List.of(it.entry())),
                (known, _) -> known.with(it.subject(), List.of(it.entry()))));
        return histories;
    }

    /** One statement, however many they are. */
    static void insert(Transaction transaction, List<LogEvent> events) throws SQLException {
        transaction.update(
                """
                INSERT INTO ledger.event (index, resource, sequence, kind, namespace, name, region, size, event, state, account,
                                          previous_account, at, asked_by, reason, volume_gib, recorded_at, nonce, leaf_hash)
                SELECT * FROM unnest(?::bigint[], ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                                     ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::text[], ?::int[], ?::timestamptz[],
                                     ?::bytea[], ?::bytea[])
                """,
                numbers(transaction, events, LogEvent::index),
                array(transaction, "uuid", events, it -> it.subject().uid()),
                numbers(transaction, events, it -> it.entry().sequence()),
                texts(transaction, events, it -> it.subject().kind().name()),
                texts(transaction, events, it -> it.subject().namespace()),
                texts(transaction, events, it -> it.subject().name()),
                texts(transaction, events, it -> it.subject().region()),
                texts(transaction, events, it -> it.subject().size()),
                texts(transaction, events, it -> it.entry().event().wire()),
                texts(transaction, events, it -> name(it.entry().state())),
                texts(transaction, events, it -> it.entry().account()),
                texts(transaction, events, it -> it.entry().previousAccount()),
                array(transaction, "timestamptz", events, it -> it.entry().at().toString()),
                texts(transaction, events, it -> it.entry().by()),
                texts(transaction, events, it -> it.entry().reason()),
                array(transaction, "int", events, it -> it.entry().volumeGiB()),
                array(transaction, "timestamptz", events, it -> it.recordedAt().toString()),
                bytes(transaction, events, LogEvent::nonce),
                bytes(transaction, events, LogEvent::leafHash));
    }

    /** @throws IllegalArgumentException if the row is none that we could have written: it was changed behind our back */
    static LogEvent event(Row row) throws SQLException {
        String state = row.text("state");
        return new LogEvent(
                row.number("index"),
                new Subject(
                        Kind.valueOf(row.text("kind")),
                        row.text("resource"),
                        row.text("namespace"),
                        row.text("name"),
                        row.text("region"),
                        row.text("size")),
                new LedgerEntry(
                        row.number("sequence"),
                        row.instant("at"),
                        EventType.of(row.text("event")),
                        state == null ? null : State.valueOf(state),
                        row.text("account"),
                        row.text("previous_account"),
                        row.text("asked_by"),
                        row.text("reason"),
                        row.text("volume_gib") == null ? null : (int) row.number("volume_gib")),
                row.instant("recorded_at"),
                row.bytes("nonce"),
                row.bytes("leaf_hash"));
    }

    private static String name(State state) {
        return state == null ? null : state.name();
    }

    /** Of values that the driver writes as text. */
    static <T> Array array(Transaction transaction, String type, Collection<T> of, Function<T, Object> value)
            throws SQLException {
        return transaction
                .connection()
                .createArrayOf(type, of.stream().map(value).toArray());
    }

    // The driver sends these in binary, which is quicker on both sides, only when the array's own type says what they
    // are.

    static <T> Array numbers(Transaction transaction, Collection<T> of, Function<T, Long> value) throws SQLException {
        return transaction
                .connection()
                .createArrayOf("bigint", of.stream().map(value).toArray(Long[]::new));
    }

    static <T> Array bytes(Transaction transaction, Collection<T> of, Function<T, byte[]> value) throws SQLException {
        return transaction
                .connection()
                .createArrayOf("bytea", of.stream().map(value).toArray(byte[][]::new));
    }

    private static <T> Array texts(Transaction transaction, Collection<T> of, Function<T, String> value)
            throws SQLException {
        return transaction
                .connection()
                .createArrayOf("text", of.stream().map(value).toArray(String[]::new));
    }
}
