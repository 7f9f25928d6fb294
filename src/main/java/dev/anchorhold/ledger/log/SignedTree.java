package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.ledger.merkle.HashReader;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.Proofs;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * The tree of the newest checkpoint, to compare leaves' rows with. A leaf is always computed from its columns: the hash beside
 * them can be changed together with them. Whose signature the checkpoint has is checked where it is built on, which closing a
 * month does ({@link Sequencer}).
 */
public final class SignedTree {
    private static final int BATCH_SIZE = 10_000;

    private final Transaction transaction;
    private final long size;
    private final byte[] root;
    private final HashReader hashReader;

    private SignedTree(Transaction transaction, long size, byte[] root) {
        this.transaction = transaction;
        this.size = size;
        this.root = root;
        this.hashReader = new TileHashReader(transaction, size);
    }

    /**
     * Usable as long as the transaction lasts.
     *
     * @throws DamagedLog if the checkpoint contradicts itself. That leaves are missing is no reason: it can be said which
     */
    public static SignedTree newest(Transaction transaction) throws SQLException {
        return SignedTreeHead.of(transaction, TileReader.size(transaction))
                .map(head -> new SignedTree(transaction, head.size(), head.root()))
                .orElseGet(() -> new SignedTree(transaction, 0, MerkleTree.emptyRoot()));
    }

    /** Whether it is a leaf of the tree, as its row is now. */
    public boolean has(Commitment it) {
        byte[] leafHash = MerkleTree.leafHash(it.leafData());
        return Arrays.equals(leafHash, it.leafHash())
                && it.index() < size
                && Proofs.verifyInclusion(
                        leafHash, it.index(), size, root, Proofs.inclusion(it.index(), size, hashReader));
    }

    /**
     * The tree of the events from the first one on, up to the first leaf that is none, or to the checkpoint. It takes as long as
     * the log is, in batches.
     *
     * @param known what this returned before: it continues from there
     */
    public CompactRange events(CompactRange known) throws SQLException {
        CompactRange events = known;
        while (events.size() < size) {
            long begin = events.size();
            long end = Math.min(size, begin + BATCH_SIZE);
            List<byte[]> leafHashes = transaction.all(
                    row -> MerkleTree.leafHash(EventTable.event(row).leafData()),
                    "SELECT * FROM ledger.event WHERE index >= ? AND index < ? ORDER BY index",
                    begin,
                    end);
            if (leafHashes.size() < end - begin) {
                break;
            }
            events = events.addAll(leafHashes);
        }
        return events;
    }

    /** Whether the other tree is this one. */
    public boolean is(CompactRange other) {
        return size == other.size() && Arrays.equals(root, other.root());
    }
}
