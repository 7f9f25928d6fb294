package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.Hash;
import dev.anchorhold.ledger.merkle.Tree;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Makes the tiles that became full by new leaves, on all levels, and stores them by one statement. */
final class FullTiles {
    private final Transaction transaction;
    private final List<Tile> full = new ArrayList<>();

    private record Tile(int level, long index, byte[] hashes, byte[] root) {}

    private FullTiles(Transaction transaction) {
        this.transaction = transaction;
    }

    /** @param first the index of the first new leaf; its row and those after it are inserted */
    static void store(Transaction transaction, long first, List<byte[]> leafHashes) throws SQLException {
        FullTiles tiles = new FullTiles(transaction);
        tiles.fill(0, first, leafHashes);
        tiles.insert();
    }

    private void fill(int level, long first, List<byte[]> added) throws SQLException {
        long tile = first / Tree.TILE_WIDTH;
        if ((first + added.size()) / Tree.TILE_WIDTH == tile) {
            return;
        }
        List<byte[]> hashes = new ArrayList<>(StoredHashes.read(transaction, level, tile * Tree.TILE_WIDTH, first));
        hashes.addAll(added);
        List<byte[]> roots = new ArrayList<>();
        for (int i = 0; i + Tree.TILE_WIDTH <= hashes.size(); i += Tree.TILE_WIDTH) {
            List<byte[]> ofTile = hashes.subList(i, i + Tree.TILE_WIDTH);
            roots.add(Tree.root(ofTile));
            full.add(new Tile(level, tile + i / Tree.TILE_WIDTH, Hash.joined(ofTile), roots.getLast()));
        }
        fill(level + 1, tile, roots);
    }

    private void insert() throws SQLException {
        if (!full.isEmpty()) {
            transaction.update(
                    """
                    INSERT INTO ledger.tile (level, index, hashes, root)
                    SELECT * FROM unnest(?::smallint[], ?::bigint[], ?::bytea[], ?::bytea[])
                    """,
                    Leaves.array(transaction, "smallint", full, Tile::level),
                    Leaves.numbers(transaction, full, Tile::index),
                    Leaves.bytes(transaction, full, Tile::hashes),
                    Leaves.bytes(transaction, full, Tile::root));
        }
    }
}
