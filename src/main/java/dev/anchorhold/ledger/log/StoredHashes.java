package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.Hash;
import dev.anchorhold.ledger.merkle.Hashes;
import dev.anchorhold.ledger.merkle.Tree;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tree's hashes as they are stored: a full tile by itself; of others, the leaves' hashes or the roots of the full tiles below. A
 * hash that is gone is read as zeros: so who checks finds where, instead of no answer.
 */
final class StoredHashes implements Hashes {
    private static final byte[] GONE = new byte[Tree.HASH];

    private final Database database;
    private final long newest;
    private final Map<Key, List<byte[]>> tiles = new HashMap<>();

    private record Key(int level, long index) {}

    /** @param newest the log's size; older trees are part of it */
    StoredHashes(Database database, long newest) {
        this.database = database;
        this.newest = newest;
    }

    @Override
    public byte[] at(int level, long index) {
        int above = level % Tree.TILE_HEIGHT;
        long first = index << above;
        int offset = (int) (first % Tree.TILE_WIDTH);
        List<byte[]> tile = tiles.computeIfAbsent(
                new Key(level / Tree.TILE_HEIGHT, first / Tree.TILE_WIDTH),
                it -> database.transaction(transaction -> tile(transaction, newest, it.level, it.index)
                        .orElseGet(() -> Collections.nCopies(Tree.TILE_WIDTH, GONE))));
        return Tree.root(tile.subList(offset, offset + (1 << above)));
    }

    /** How many hashes a tile has when the log has {@code size} leaves: 256 when it is full, 0 when it does not begin yet. */
    static int width(long size, int level, long index) {
        long ofLevel = level * Tree.TILE_HEIGHT < Long.SIZE ? size >>> (level * Tree.TILE_HEIGHT) : 0;
        return index > ofLevel / Tree.TILE_WIDTH
                ? 0
                : (int) Math.min(Tree.TILE_WIDTH, ofLevel - index * Tree.TILE_WIDTH);
    }

    /** All that the tile has when the log has {@code size} leaves; empty when it should be stored as full, and is not. */
    static Optional<List<byte[]>> tile(Transaction transaction, long size, int level, long index) throws SQLException {
        int width = width(size, level, index);
        if (width < Tree.TILE_WIDTH) {
            return Optional.of(read(transaction, level, index * Tree.TILE_WIDTH, index * Tree.TILE_WIDTH + width));
        }
        return transaction
                .first(
                        row -> row.bytes("hashes"),
                        "SELECT hashes FROM ledger.tile WHERE level = ? AND index = ?",
                        level,
                        index)
                .filter(it -> it.length == Tree.TILE_WIDTH * Tree.HASH)
                .map(Hash::split);
    }

    /**
     * The same, but zeros where a full tile and what it was made of say different things: so a change of either is seen. Where the
     * latter is gone, the tile's word counts.
     */
    static Optional<List<byte[]>> compared(Transaction transaction, long size, int level, long index)
            throws SQLException {
        Optional<List<byte[]>> tile = tile(transaction, size, level, index);
        if (tile.isEmpty() || tile.get().size() < Tree.TILE_WIDTH) {
            return tile;
        }
        List<byte[]> below = read(transaction, level, index * Tree.TILE_WIDTH, (index + 1) * Tree.TILE_WIDTH);
        List<byte[]> agreed = new ArrayList<>(tile.get());
        for (int i = 0; i < agreed.size(); i++) {
            if (below.get(i) != GONE && !Arrays.equals(below.get(i), agreed.get(i))) {
                agreed.set(i, GONE);
            }
        }
        return Optional.of(agreed);
    }

    /** A tile level's hashes from {@code first} to before {@code end}: the leaves', or the roots of the tiles below. */
    static List<byte[]> read(Transaction transaction, int level, long first, long end) throws SQLException {
        List<byte[]> hashes = new ArrayList<>(Collections.nCopies((int) (end - first), GONE));
        if (end > first) {
            List<At> stored = level == 0
                    ? transaction.all(
                            StoredHashes::hash,
                            "SELECT index, leaf_hash AS hash FROM ledger.event WHERE index >= ? AND index < ?",
                            first,
                            end)
                    : transaction.all(
                            StoredHashes::hash,
                            "SELECT index, root AS hash FROM ledger.tile WHERE level = ? AND index >= ? AND index < ?",
                            level - 1,
                            first,
                            end);
            stored.stream()
                    .filter(it -> it.hash != null && it.hash.length == Tree.HASH)
                    .forEach(it -> hashes.set((int) (it.index - first), it.hash));
        }
        return hashes;
    }

    private record At(long index, byte[] hash) {}

    private static At hash(Row row) throws SQLException {
        return new At(row.number("index"), row.bytes("hash"));
    }
}
