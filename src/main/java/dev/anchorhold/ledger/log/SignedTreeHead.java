package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.ledger.merkle.InvalidNoteException;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A signed tree head: the log's size and root with the checkpoint that signs them.
 *
 * @param compactRange its size and root, and what it takes to add leaves
 * @param note the signed checkpoint, as anybody may have it
 */
public record SignedTreeHead(CompactRange compactRange, String note) {
    /** How many leaves there are, signed or not: events and commitments are counted together. */
    static final String LEAVES =
            "greatest((SELECT max(index) FROM ledger.event), (SELECT max(index) FROM ledger.commitment), -1) + 1";

    public long size() {
        return compactRange.size();
    }

    public byte[] root() {
        return compactRange.root();
    }

    /** @throws DamagedLog if the row was changed, or is not of all events that there are (one statement: they come together) */
    static Optional<SignedTreeHead> newest(Transaction transaction) throws SQLException {
        return transaction.first(
                row -> {
                    SignedTreeHead head = read(row);
                    DamagedLog.unlessAllSigned(head.size(), row.number("events"));
                    return head;
                },
                "SELECT c.*, " + LEAVES + " AS events FROM ledger.checkpoint c ORDER BY size DESC LIMIT 1");
    }

    /** @throws DamagedLog if the row was changed */
    static Optional<SignedTreeHead> of(Transaction transaction, long size) throws SQLException {
        return transaction.first(SignedTreeHead::read, "SELECT * FROM ledger.checkpoint WHERE size = ?", size);
    }

    void insert(Transaction transaction) throws SQLException {
        transaction.update(
                "INSERT INTO ledger.checkpoint (size, root, frontier, note) VALUES (?, ?, ?, ?)",
                size(),
                root(),
                compactRange.bytes(),
                note);
    }

    /** A row says all of it more than once. Whose signature it has is another matter: {@link CheckpointSignatures}. */
    private static SignedTreeHead read(Row row) throws SQLException {
        long size = row.number("size");
        CompactRange compactRange = parseRange(size, row.bytes("frontier"));
        Checkpoint signed = parseCheckpoint(size, row.text("note"));
        DamagedLog.unless(signed.size() == size, size, "size", "is not what its note says");
        DamagedLog.unless(Arrays.equals(signed.root(), row.bytes("root")), size, "root", "is not what its note says");
        DamagedLog.unless(Arrays.equals(signed.root(), compactRange.root()), size, "frontier", "has another root");
        return new SignedTreeHead(compactRange, row.text("note"));
    }

    private static CompactRange parseRange(long size, byte[] bytes) {
        try {
            return CompactRange.of(size, bytes);
        } catch (IllegalArgumentException _) {
            throw new DamagedLog(size, "frontier", "is none of a tree of this size");
        }
    }

    private static Checkpoint parseCheckpoint(long size, String note) {
        try {
            return Checkpoint.parse(note.substring(0, Math.max(0, note.lastIndexOf("\n\n") + 1)));
        } catch (InvalidNoteException _) {
            throw new DamagedLog(size, "note", "is no checkpoint");
        }
    }
}
