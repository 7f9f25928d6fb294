package dev.anchorhold.ledger.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.world.CompanionDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The books as they are in the database, read as its owner, past all that the companion would make of them. */
public record StoredBooks(CompanionDatabase database) {
    /** Each entry that was sent is in the log once and nothing else is; the log is whole; and the books come to what they must. */
    public void assertHold(Collection<ResourceJournal> journals) {
        var expectedBooks = new ExpectedBooks(journals);
        assertThat(events()).as("events").containsExactlyInAnyOrderElementsOf(expectedBooks.events());
        assertTheLogIsWhole();
        awaitFolded();
        assertThat(periods()).as("periods").containsExactlyInAnyOrderElementsOf(expectedBooks.periods());
        assertThat(days()).as("usage by day").isEqualTo(expectedBooks.days());
    }

    /** All of it, each event as a journal with one entry. */
    private List<ResourceJournal> events() {
        return read("SELECT * FROM ledger.event ORDER BY index", StoredBooks::event);
    }

    /** Leaves are numbered without a gap, and the newest checkpoint has them all. */
    private void assertTheLogIsWhole() {
        List<byte[]> leaves = new ArrayList<>();
        read("SELECT index, leaf_hash FROM ledger.event ORDER BY index", row -> {
            assertThat(row.getLong("index")).as("index").isEqualTo(leaves.size());
            return leaves.add(row.getBytes("leaf_hash"));
        });
        String note = read(
                        "SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1", row -> row.getString("note"))
                .getFirst();
        var newest = Checkpoint.parse(note.substring(0, note.indexOf("\n\n") + 1));
        assertThat(newest.size()).isEqualTo(leaves.size());
        assertThat(newest.root()).isEqualTo(MerkleTree.root(leaves));
    }

    /** The companion folds by itself, soon after. */
    private void awaitFolded() {
        await("the books to have all of the log")
                .until(() -> read("""
                        SELECT (SELECT position FROM ledger.books_cursor) = (SELECT count(*) FROM ledger.event) AS folded
                        """, row -> row.getBoolean("folded")).getFirst());
    }

    private List<ExpectedBooks.ExpectedPeriod> periods() {
        return read(
                "SELECT * FROM ledger.period",
                row -> new ExpectedBooks.ExpectedPeriod(
                        row.getString("resource"),
                        row.getString("account"),
                        State.valueOf(row.getString("state")),
                        instant(row, "started_at"),
                        instant(row, "ended_at")));
    }

    private Map<ExpectedBooks.Day, Long> days() {
        Map<ExpectedBooks.Day, Long> days = new HashMap<>();
        read(
                "SELECT * FROM ledger.usage_day",
                row -> days.put(
                        new ExpectedBooks.Day(
                                row.getDate("day").toLocalDate(),
                                row.getString("account"),
                                row.getString("resource"),
                                State.valueOf(row.getString("state"))),
                        row.getLong("microseconds")));
        return days;
    }

    private static ResourceJournal event(ResultSet row) throws SQLException {
        String state = row.getString("state");
        return new ResourceJournal(
                new Subject(
                        Kind.valueOf(row.getString("kind")),
                        row.getString("resource"),
                        row.getString("namespace"),
                        row.getString("name"),
                        row.getString("region"),
                        row.getString("size")),
                List.of(new LedgerEntry(
                        row.getLong("sequence"),
                        instant(row, "at"),
                        EventType.of(row.getString("event")),
                        state == null ? null : State.valueOf(state),
                        row.getString("account"),
                        row.getString("previous_account"),
                        row.getString("asked_by"),
                        row.getString("reason"))));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> read(String sql, Reader<T> reader) {
        try (var connection = database.asOwner().getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
