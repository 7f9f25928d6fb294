package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.HashReader;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.platform.BoundedMap;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.Database.TransactionCallback;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the tree's hashes from the database: a full tile by itself; of others, the leaves' hashes or the roots of the full tiles
 * below. A hash that is gone is read as zeros: so who checks finds where, instead of no answer.
 */
final class TileHashReader implements HashReader {
    private static final byte[] MISSING = new byte[MerkleTree.HASH_SIZE];

    /** Enough for the tiles of leaves that are looked at one after the other, and little memory however many these are. */
    private static final int MAX_CACHED = 256;

    private final Function<TransactionCallback<List<byte[]>>, List<byte[]>> transactions;
    private final long newest;
    private final Map<Key, List<byte[]>> tiles = new BoundedMap<>(MAX_CACHED);

    private record Key(int level, long index) {}

    /** @param newest the log's size; older trees are part of it */
    TileHashReader(Database database, long newest) {
        this(database::transaction, newest);
    }

    /** Reads within the transaction. */
    TileHashReader(Transaction transaction, long newest) {
        this(transaction::run, newest);
    }

    private TileHashReader(Function<TransactionCallback<List<byte[]>>, List<byte[]>> transactions, long newest) {
        this.transactions = transactions;
        this.newest = newest;
    }

    @Override
    public byte[] at(int level, long index) {
        int levelInTile = level % MerkleTree.TILE_HEIGHT;
        long first = index << levelInTile;
        int offset = (int) (first % MerkleTree.TILE_WIDTH);
        List<byte[]> tile = tiles.computeIfAbsent(
                new Key(level / MerkleTree.TILE_HEIGHT, first / MerkleTree.TILE_WIDTH),
                it -> transactions.apply(transaction -> tile(transaction, newest, it.level, it.index)
                        .orElseGet(() -> Collections.nCopies(MerkleTree.TILE_WIDTH, MISSING))));
        return MerkleTree.root(tile.subList(offset, offset + (1 << levelInTile)));
    }

    /** How many hashes a tile has when the log has {@code size} leaves: 256 when it is full, 0 when it does not begin yet. */
    static int width(long size, int level, long index) {
        long levelSize = level * MerkleTree.TILE_HEIGHT < Long.SIZE ? size >>> (level * MerkleTree.TILE_HEIGHT) : 0;
        return index > levelSize / MerkleTree.TILE_WIDTH
                ? 0
                : (int) Math.min(MerkleTree.TILE_WIDTH, levelSize - index * MerkleTree.TILE_WIDTH);
    }

    /** All that the tile has when the log has {@code size} leaves; empty when it should be stored as full, and is not. */
    static Optional<List<byte[]>> tile(Transaction transaction, long size, int level, long index) throws SQLException {
        int width = width(size, level, index);
        if (width < MerkleTree.TILE_WIDTH) {
            return Optional.of(
                    read(transaction, level, index * MerkleTree.TILE_WIDTH, index * MerkleTree.TILE_WIDTH + width));
        }
        return transaction
                .first(
                        row -> row.bytes("hashes"),
                        "SELECT hashes FROM ledger.tile WHERE level = ? AND index = ?",
                        level,
                        index)
                .filter(it -> it.length == MerkleTree.TILE_WIDTH * MerkleTree.HASH_SIZE)
                .map(HashCodec::split);
    }

    /**
     * The same, but zeros where a full tile and what it was computed from differ: so a change of either is seen. Where the
     * latter is gone, the tile counts.
     */
    static Optional<List<byte[]>> compared(Transaction transaction, long size, int level, long index)
            throws SQLException {
        Optional<List<byte[]>> tile = tile(transaction, size, level, index);
        if (tile.isEmpty() || tile.get().size() < MerkleTree.TILE_WIDTH) {
            return tile;
        }
        List<byte[]> below =
                read(transaction, level, index * MerkleTree.TILE_WIDTH, (index + 1) * MerkleTree.TILE_WIDTH);
        List<byte[]> agreed = new ArrayList<>(tile.get());
        for (int i = 0; i < agreed.size(); i++) {
            if (below.get(i) != MISSING && !Arrays.equals(below.get(i), agreed.get(i))) {
                agreed.set(i, MISSING);
            }
        }
        return Optional.of(agreed);
    }

    /** A tile level's hashes from {@code first} to before {@code end}: the leaves', or the roots of the tiles below. */
    static List<byte[]> read(Transaction transaction, int level, long first, long end) throws SQLException {
        List<byte[]> hashes = new ArrayList<>(Collections.nCopies((int) (end - first), MISSING));
        if (end > first) {
            List<StoredHash> stored = level == 0
                    ? transaction.all(TileHashReader::hash, """
                            SELECT index, leaf_hash AS hash FROM ledger.event WHERE index >= ? AND index < ?
                            UNION ALL
                            SELECT index, leaf_hash AS hash FROM ledger.commitment WHERE index >= ? AND index < ?
                            """, first, end, first, end)
                    : transaction.all(
                            TileHashReader::hash,
                            "SELECT index, root AS hash FROM ledger.tile WHERE level = ? AND index >= ? AND index < ?",
                            level - 1,
                            first,
                            end);
            stored.stream()
                    .filter(it -> it.hash != null && it.hash.length == MerkleTree.HASH_SIZE)
                    .forEach(it -> hashes.set((int) (it.index - first), it.hash));
        }
        return hashes;
    }

    private record StoredHash(long index, byte[] hash) {}

    private static StoredHash hash(Row row) throws SQLException {
        return new StoredHash(row.number("index"), row.bytes("hash"));
    }
}
