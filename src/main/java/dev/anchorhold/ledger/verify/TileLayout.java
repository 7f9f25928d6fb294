package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.TilePath;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Computes which tiles a log of a given size has (C2SP tlog-tiles). */
record TileLayout(long size) {
    private static final int LEVELS = Long.SIZE / MerkleTree.TILE_HEIGHT;

    /** How many tiles, full or not, its entries and its leaves' hashes fill. */
    long tiles() {
        return Math.ceilDiv(size, (long) MerkleTree.TILE_WIDTH);
    }

    /** Of the level's {@code index}-th tile; 0 when there is none. */
    int width(int level, long index) {
        var hashes = size >>> level * MerkleTree.TILE_HEIGHT;
        return (int) Math.clamp(hashes - index * MerkleTree.TILE_WIDTH, 0L, (long) MerkleTree.TILE_WIDTH);
    }

    /** The last of each level, where it is not full: what a larger log has no more. */
    Stream<String> partial() {
        var hashes = IntStream.range(0, LEVELS).mapToObj(this::last).filter(tile -> !tile.full());
        return hashes.flatMap(tile -> tile.level() > 0
                ? Stream.of(tile.path())
                : Stream.of(tile.path(), TilePath.entries(tile.index(), tile.width())));
    }

    private TilePath last(int level) {
        var index = (size >>> level * MerkleTree.TILE_HEIGHT) / MerkleTree.TILE_WIDTH;
        var width = width(level, index);
        return new TilePath(level, index, width == 0 ? MerkleTree.TILE_WIDTH : width);
    }
}
