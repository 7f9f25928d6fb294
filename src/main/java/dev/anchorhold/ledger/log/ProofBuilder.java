package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.Proofs;
import dev.anchorhold.platform.Database;
import java.util.List;
import java.util.Optional;

/** Builds inclusion and consistency proofs (RFC 6962) from the stored tiles: a few tiles for each, however large the log is. */
public final class ProofBuilder {
    private final Database database;

    public ProofBuilder(Database database) {
        this.database = database;
    }

    /** The checkpoint of exactly this size: there is one for each commit. */
    public Optional<SignedTreeHead> checkpoint(long size) {
        return database.transaction(it -> SignedTreeHead.of(it, size));
    }

    /**
     * That a leaf is in the tree of the first {@code size} leaves (RFC 6962).
     *
     * @throws IllegalArgumentException if there is no such leaf or tree
     */
    public List<byte[]> inclusion(long index, long size) {
        return Proofs.inclusion(index, size, hashes(size));
    }

    /**
     * That the tree of the first {@code to} leaves begins with that of the first {@code from} (RFC 6962).
     *
     * @throws IllegalArgumentException if there are no such trees
     */
    public List<byte[]> consistency(long from, long to) {
        return Proofs.consistency(from, to, hashes(to));
    }

    private TileHashReader hashes(long size) {
        long newest = database.transaction(TileReader::size);
        if (size < 0 || size > newest) {
            throw new IllegalArgumentException("the log has %d leaves, not %d".formatted(newest, size));
        }
        return new TileHashReader(database, newest);
    }
}
