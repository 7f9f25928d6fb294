package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;

/**
 * How far the books are, beside the log: seen at one instant.
 *
 * @param position the index of the next event to fold
 * @param rebuildTo the books are being made anew, and incomplete, until the position is there
 * @param signed the size of the log's newest checkpoint: what it does not cover is not in the log
 */
record BooksProgress(long position, long rebuildTo, long signed) {
    private static final String SELECT = """
            SELECT position, rebuild_to, (SELECT coalesce(max(size), 0) FROM ledger.checkpoint) AS signed
            FROM ledger.books_cursor
            """;

    static BooksProgress read(Transaction it) throws SQLException {
        return it.first(BooksProgress::of, SELECT).orElseThrow();
    }

    /** Until the commit nobody else folds, and nobody closes a month. What is read after this is what is committed by then. */
    static BooksProgress lock(Transaction it) throws SQLException {
        it.first(_ -> true, "SELECT FROM ledger.books_cursor FOR UPDATE");
        return read(it);
    }

    private static BooksProgress of(Row row) throws SQLException {
        return new BooksProgress(row.number("position"), row.number("rebuild_to"), row.number("signed"));
    }

    /** @throws BooksUnreadableException when they are incomplete, or have what the log does not */
    void requireReadable() {
        if (position < rebuildTo) {
            throw new BooksUnreadableException(
                    "the books are being made anew from the log, and have %d of its %d entries: ask again in a while"
                            .formatted(position, rebuildTo));
        }
        requireNotAhead();
    }

    void requireNotAhead() {
        if (position > signed) {
            throw new BooksUnreadableException(
                    "the books have %d entries, and the log's newest checkpoint %d: verify the log, then make the books anew"
                                    .formatted(position, signed)
                            + " from it (docs/books.md)");
        }
    }
}
