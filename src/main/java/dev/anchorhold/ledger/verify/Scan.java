package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.Frontier;
import dev.anchorhold.ledger.merkle.TilePath;
import dev.anchorhold.ledger.merkle.Tree;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads all of a log, in the order of its entries and some tiles ahead, up to the first thing that is wrong. What it remembers does
 * not grow with the log.
 */
final class Scan {
    private static final int AHEAD = 16;

    private final Tiles tiles;
    private final Kept kept;
    private final Witness witness;
    private final UpperTiles upper;
    private Frontier frontier = Frontier.EMPTY;

    /** Sees each leaf as the log has it, in order; and how far the reading is, after each tile. */
    interface Witness {
        void leaf(long index, byte[] leafHash);

        void checked(long entries);
    }

    /** A tile of the leaves' hashes with its entries, as it was served. */
    private record Leaves(long tile, Optional<byte[]> hashes, List<byte[]> entries) {}

    Scan(Tiles tiles, Kept kept, Witness witness) {
        this.tiles = tiles;
        this.kept = kept;
        this.witness = witness;
        this.upper = new UpperTiles(tiles, kept);
    }

    /** The root of what was read, when nothing was found. */
    byte[] root() {
        return frontier.root();
    }

    Optional<Finding> run() throws IOException, InterruptedException {
        var count = tiles.shape().tiles();
        var ahead = new ArrayDeque<Future<Leaves>>();
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                for (long next = 0; next < count || !ahead.isEmpty(); ) {
                    for (; next < count && ahead.size() < AHEAD; next++) {
                        var tile = next;
                        ahead.add(readers.submit(() -> read(tile)));
                    }
                    var finding = check(ahead.remove().get());
                    if (finding.isPresent()) {
                        return finding;
                    }
                }
                return Optional.empty();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Source.Damaged damaged) {
                    return Optional.of(new Finding(damaged.index(), damaged.getMessage()));
                }
                throw new IOException(e.getCause().getMessage(), e.getCause());
            } finally {
                readers.shutdownNow();
            }
        }
    }

    private Leaves read(long tile) throws IOException, InterruptedException {
        return new Leaves(tile, tiles.hashes(0, tile), tiles.entries(tile));
    }

    private Optional<Finding> check(Leaves read) throws IOException, InterruptedException {
        var path = tiles.path(0, read.tile);
        var leaves = new ArrayList<byte[]>(path.width());
        for (var i = 0; i < path.width(); i++) {
            var index = read.tile * Tree.TILE_WIDTH + i;
            if (i >= read.entries.size() || read.entries.get(i).length == 0) {
                return Optional.of(Finding.at(index, "Entry %d is missing.".formatted(index)));
            }
            var hashes = read.hashes.orElse(new byte[0]);
            if (hashes.length < (i + 1) * Tree.HASH) {
                return Optional.of(Finding.at(
                        index, "%s is missing or cut off: no leaf hash of entry %d.".formatted(path.path(), index)));
            }
            var leaf = Tree.leafHash(read.entries.get(i));
            var stored = Arrays.copyOfRange(hashes, i * Tree.HASH, (i + 1) * Tree.HASH);
            var wrong = compare(index, leaf, stored, kept.hash(index));
            if (wrong.isPresent()) {
                return wrong.map(what -> Finding.at(index, what));
            }
            witness.leaf(index, leaf);
            leaves.add(leaf);
        }
        frontier = frontier.addAll(leaves);
        keep(path, read);
        witness.checked(frontier.size());
        return path.full() ? upper.add(1, read.tile, Tree.root(leaves)) : Optional.empty();
    }

    /**
     * @param leaf the hash of the entry as it is now
     * @param stored its leaf hash in the log's tile
     * @param before its leaf hash when it was kept
     */
    private static Optional<String> compare(long index, byte[] leaf, byte[] stored, Optional<byte[]> before) {
        var entryFits = Arrays.equals(leaf, stored);
        var entryAsKept = before.map(it -> Arrays.equals(it, leaf));
        var hashAsKept = before.map(it -> Arrays.equals(it, stored));
        if (entryFits) {
            return entryAsKept.orElse(true)
                    ? Optional.empty()
                    : Optional.of(
                            "The leaf hash of entry %d is another than the one that was kept: the entry was replaced, with its hash."
                                    .formatted(index));
        }
        return Optional.of("Entry %d differs from its leaf hash: %s."
                .formatted(
                        index,
                        before.isEmpty()
                                ? "one of them was changed"
                                : hashAsKept.get()
                                        ? "the hash is as it was kept, so the entry was changed"
                                        : entryAsKept.get()
                                                ? "the entry is as it was kept, so the hash was changed"
                                                : "neither is as it was kept"));
    }

    private void keep(TilePath path, Leaves read) throws IOException {
        kept.put(path, read.hashes.orElseThrow());
        kept.put(new TilePath(TilePath.ENTRIES, path.index(), path.width()), Bundle.of(read.entries));
    }
}
