package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.TilePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Checks the tiles above the leaves' level: computes them again as the leaves come, and compares them with the log's own. */
final class UpperTiles {
    private final TileFetcher tileFetcher;
    private final LocalMirror localMirror;
    private final List<Level> levels = new ArrayList<>();

    /** The tile of a level that is not full yet: as the log has it, and as it is by what was read so far. */
    private static final class Level {
        private byte[] served = new byte[0];
        private List<byte[]> computed = new ArrayList<>();
    }

    UpperTiles(TileFetcher tileFetcher, LocalMirror localMirror) {
        this.tileFetcher = tileFetcher;
        this.localMirror = localMirror;
    }

    /**
     * @param level from 1
     * @param index the full tile's number, in the level below, whose root this is
     */
    Optional<Finding> add(int level, long index, byte[] root) throws IOException, InterruptedException {
        if (levels.size() < level) {
            levels.add(new Level());
        }
        var current = levels.get(level - 1);
        var position = (int) (index % MerkleTree.TILE_WIDTH);
        if (position == 0) {
            current.served =
                    tileFetcher.hashes(level, index / MerkleTree.TILE_WIDTH).orElse(new byte[0]);
            current.computed = new ArrayList<>();
        }
        current.computed.add(root);
        var path = tileFetcher.path(level, index / MerkleTree.TILE_WIDTH);
        var from = position * MerkleTree.HASH_SIZE;
        if (!Arrays.equals(root, Arrays.copyOfRange(padded(current.served), from, from + MerkleTree.HASH_SIZE))) {
            return Optional.of(wrong(level, index, path, current.served.length == 0));
        }
        if (current.computed.size() < path.width()) {
            return Optional.empty();
        }
        localMirror.put(path, HashCodec.joined(current.computed));
        return path.full() ? add(level + 1, path.index(), MerkleTree.root(current.computed)) : Optional.empty();
    }

    private static byte[] padded(byte[] served) {
        return Arrays.copyOf(served, MerkleTree.TILE_WIDTH * MerkleTree.HASH_SIZE);
    }

    private static Finding wrong(int level, long index, TilePath path, boolean missing) {
        var first = index << level * MerkleTree.TILE_HEIGHT;
        var last = (index + 1 << level * MerkleTree.TILE_HEIGHT) - 1;
        return Finding.at(
                first,
                missing
                        ? "%s is missing, which has the hash of entries %d to %d.".formatted(path.path(), first, last)
                        : "The hash of entries %d to %d in %s is not theirs; each of them agrees with its own leaf hash."
                                .formatted(first, last, path.path()));
    }
}
