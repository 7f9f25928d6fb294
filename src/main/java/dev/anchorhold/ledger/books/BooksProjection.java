package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Projects the log into periods and usage, as far as its newest signed checkpoint goes. Some events at a time are folded in one
 * transaction that also moves the cursor: a crash anywhere repeats nothing and skips nothing, several companions may fold at
 * once, and however the events are cut into batches the books are the same.
 */
public final class BooksProjection {
    private static final int BATCH_SIZE = 10_000;
    /** Below the driver's socket timeout (application.properties): what nobody waits for any more would go on, and hold the cursor's lock. */
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(25);

    private final Database database;
    private final SignatureCheck signatures;
    private final int maxBatchSize;
    private final int minBatchSize;
    private final Duration statementTimeout;
    /**
     * Events in the next batch. A period writes a row for each day that it lasted, so how long a batch takes is not known
     * before: after a failure it is much smaller, after each success a little larger. Whoever folds has one try, so that a reader
     * does not wait for more.
     */
    private volatile int batchSize;

    /** Throws when the newest checkpoint is none that a key of the log signed. */
    @FunctionalInterface
    interface SignatureCheck {
        void run(Transaction transaction) throws SQLException;
    }

    /** @param log whose checkpoints are believed, as far as its keys signed them */
    public BooksProjection(Database database, TransparencyLog log) {
        this(database, log::requireSigned, BATCH_SIZE, STATEMENT_TIMEOUT);
    }

    /** Believes each checkpoint: for a database to which nobody else can write. */
    public BooksProjection(Database database) {
        this(database, BATCH_SIZE);
    }

    /** @param maxBatchSize events in one transaction */
    BooksProjection(Database database, int maxBatchSize) {
        this(database, maxBatchSize, STATEMENT_TIMEOUT);
    }

    BooksProjection(Database database, int maxBatchSize, Duration statementTimeout) {
        this(database, _ -> {}, maxBatchSize, statementTimeout);
    }

    private BooksProjection(Database database, SignatureCheck signatures, int maxBatchSize, Duration statementTimeout) {
        this.database = database;
        this.signatures = signatures;
        this.maxBatchSize = maxBatchSize;
        this.minBatchSize = Math.min(50, maxBatchSize);
        this.statementTimeout = statementTimeout;
        this.batchSize = maxBatchSize;
    }

    /**
     * Returns when all is folded that was signed as this was called. Call it before the books are read: then they have all
     * that was acknowledged before. One look-up when there is nothing new.
     *
     * @throws Database.Unavailable when it is not known to be done
     * @throws BooksUnreadableException while they are being made anew, or have what the log does not
     * @throws LogGapException when the log is not as the log writes it: somebody has changed the database
     */
    public void catchUp() {
        BooksProgress progress = progress();
        progress.requireReadable();
        foldTo(progress.signed(), progress.position(), _ -> {});
    }

    /** The same for who brings the books on, not for who reads them: also while they are being made anew. */
    void fold() {
        fold(progress(), _ -> {});
    }

    BooksProgress progress() {
        return database.transaction(BooksProgress::read);
    }

    /** @param folded is told of the new position after each batch */
    void fold(BooksProgress progress, LongConsumer folded) {
        progress.requireNotAhead();
        foldTo(progress.signed(), progress.position(), folded);
    }

    /**
     * Catches up, and runs the work on one state of the books. That they are whole is looked at in the same state: nobody can
     * begin to make them anew in between.
     */
    <T> T read(Database.TransactionCallback<T> work) {
        catchUp();
        return database.transaction(it -> {
            it.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            BooksProgress.read(it).requireReadable();
            return work.run(it);
        });
    }

    /** Thrown when the log lacks an event: nothing after the gap may be counted. */
    public static final class LogGapException extends RuntimeException {
        LogGapException(long index) {
            super("the log has no event %d though a checkpoint covers it: verify it (docs/log.md)".formatted(index));
        }
    }

    /** How many events are in the books. */
    public long position() {
        return progress().position();
    }

    private void foldTo(long goal, long from, LongConsumer folded) {
        for (long position = from; position < goal; ) {
            int size = batchSize;
            try {
                position = database.transaction(it -> foldBatch(it, goal, size));
            } catch (Database.Unavailable e) {
                batchSize = Math.max(minBatchSize, size / 4);
                throw e;
            }
            batchSize = Math.min(maxBatchSize, size + minBatchSize);
            folded.accept(position);
        }
    }

    /** @return the new position */
    private long foldBatch(Transaction it, long goal, int size) throws SQLException {
        long position = BooksProgress.lock(it).position();
        long end = Math.min(goal, position + size);
        if (position >= end) {
            return position;
        }
        signatures.run(it);
        requireWhole(it, position, end);
        Fold.apply(it, position, end, statementTimeout);
        it.update("UPDATE ledger.books_cursor SET position = ?", end);
        return end;
    }

    /** Each leaf is an event or a commitment; the books take no notice of these. */
    private static void requireWhole(Transaction it, long begin, long end) throws SQLException {
        Optional<Long> missing = it.first(row -> row.number("index"), """
                SELECT index FROM generate_series(?, ?) AS index
                EXCEPT (
                    SELECT index FROM ledger.event WHERE index >= ? AND index < ?
                    UNION ALL
                    SELECT index FROM ledger.commitment WHERE index >= ? AND index < ?
                )
                ORDER BY index LIMIT 1
                """, begin, end - 1, begin, end, begin, end);
        if (missing.isPresent()) {
            throw new LogGapException(missing.get());
        }
    }
}
