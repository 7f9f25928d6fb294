package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Computes the tiles that new leaves fill, on all levels, and stores them by one statement. */
final class TileWriter {
    private final Transaction transaction;
    private final List<Tile> full = new ArrayList<>();

    private record Tile(int level, long index, byte[] hashes, byte[] root) {}

    private TileWriter(Transaction transaction) {
        this.transaction = transaction;
    }

    /** @param first the index of the first new leaf; its row and those after it are inserted */
    static void store(Transaction transaction, long first, List<byte[]> leafHashes) throws SQLException {
        TileWriter tiles = new TileWriter(transaction);
        tiles.fill(0, first, leafHashes);
        tiles.insert();
    }

    private void fill(int level, long first, List<byte[]> added) throws SQLException {
        long tile = first / MerkleTree.TILE_WIDTH;
        if ((first + added.size()) / MerkleTree.TILE_WIDTH == tile) {
            return;
        }
        List<byte[]> hashes =
                new ArrayList<>(TileHashReader.read(transaction, level, tile * MerkleTree.TILE_WIDTH, first));
        hashes.addAll(added);
        List<byte[]> roots = new ArrayList<>();
        for (int i = 0; i + MerkleTree.TILE_WIDTH <= hashes.size(); i += MerkleTree.TILE_WIDTH) {
            List<byte[]> ofTile = hashes.subList(i, i + MerkleTree.TILE_WIDTH);
            roots.add(MerkleTree.root(ofTile));
            full.add(new Tile(level, tile + i / MerkleTree.TILE_WIDTH, HashCodec.joined(ofTile), roots.getLast()));
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
                    EventTable.array(transaction, "smallint", full, Tile::level),
                    EventTable.numbers(transaction, full, Tile::index),
                    EventTable.bytes(transaction, full, Tile::hashes),
                    EventTable.bytes(transaction, full, Tile::root));
        }
    }
}
