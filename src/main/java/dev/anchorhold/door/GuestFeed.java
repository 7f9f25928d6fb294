package dev.anchorhold.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestPage;
import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.JsonMappers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * The feed of guests' changes, which the operator follows by one long poll: what is known of each guest, in the order of
 * changes.
 */
final class GuestFeed {
    private static final int PAGE_SIZE = 500;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(150);

    private final Database database;

    GuestFeed(Database database) {
        this.database = database;
    }

    /**
     * Must be a transaction's last statement: from here to the commit no other change of any guest gets a position, so positions
     * become visible in their order and a reader's cursor passes none. The agent's row must be held before, so that all take the
     * two in the same order.
     */
    static void markChanged(Transaction transaction, UUID agent) throws SQLException {
        transaction.update("""
            WITH next AS (UPDATE door.feed SET position = position + 1 RETURNING position)
            UPDATE door.guest SET changed = next.position FROM next WHERE agent = ?
            """, agent);
    }

    /** The guests that changed after the cursor, each once; waits for one up to {@code wait}. A cursor from the future is 0. */
    GuestPage after(long cursor, Duration wait) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        while (true) {
            GuestPage page = page(cursor);
            if (!page.guests().isEmpty() || page.cursor() != cursor || System.nanoTime() >= end) {
                return page;
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    private GuestPage page(long after) {
        return database.transaction(it -> {
            long position = it.first(row -> row.number("position"), "SELECT position FROM door.feed")
                    .orElseThrow();
            long from = after > position ? 0 : after;
            List<ChangedGuest> rows = it.all(
                    GuestFeed::read,
                    "SELECT * FROM door.guest WHERE changed > ? ORDER BY changed LIMIT " + PAGE_SIZE,
                    from);
            return new GuestPage(
                    rows.isEmpty() ? from : rows.getLast().position,
                    rows.size() < PAGE_SIZE,
                    rows.stream().map(ChangedGuest::guest).toList());
        });
    }

    private record ChangedGuest(long position, Guest guest) {}

    private static ChangedGuest read(Row row) throws SQLException {
        byte[] redeemed = row.bytes("redeemed_hash");
        long version = row.number("settings_version");
        return new ChangedGuest(
                row.number("changed"),
                new Guest(
                        row.text("agent"),
                        row.instant("deposited_at"),
                        row.instant("deposit_expires_at"),
                        row.instant("redeemed_at"),
                        redeemed == null ? null : HexFormat.of().formatHex(redeemed),
                        row.instant("reported_at"),
                        report(row.text("report")),
                        version == 0 ? null : version,
                        row.instant("deleted_at")));
    }

    private static GuestReport report(String json) {
        try {
            return json == null ? null : JsonMappers.LENIENT.readValue(json, GuestReport.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored report cannot be read", e);
        }
    }
}
