package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.TilePath;
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
 * Reads and checks all entries of a log, in their order and some tiles ahead, up to the first thing that is wrong. Its memory
 * does not grow with the log.
 */
final class LogScan {
    private static final int READ_AHEAD = 16;

    private final TileFetcher tileFetcher;
    private final LocalMirror localMirror;
    private final LeafListener leafListener;
    private final UpperTiles upperTiles;
    private CompactRange compactRange = CompactRange.EMPTY;

    /** Called with each leaf as the log has it, in order; and with the number of checked entries, after each tile. */
    interface LeafListener {
        void leaf(long index, byte[] leafHash);

        void checked(long entries);
    }

    /** A tile of the leaves' hashes with its entries, as it was served. */
    private record LeafTile(long tile, Optional<byte[]> hashes, List<byte[]> entries) {}

    LogScan(TileFetcher tileFetcher, LocalMirror localMirror, LeafListener leafListener) {
        this.tileFetcher = tileFetcher;
        this.localMirror = localMirror;
        this.leafListener = leafListener;
        this.upperTiles = new UpperTiles(tileFetcher, localMirror);
    }

    /** The root of what was read, when nothing was found. */
    byte[] root() {
        return compactRange.root();
    }

    Optional<Finding> run() throws IOException, InterruptedException {
        var count = tileFetcher.layout().tiles();
        var ahead = new ArrayDeque<Future<LeafTile>>();
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                for (long next = 0; next < count || !ahead.isEmpty(); ) {
                    for (; next < count && ahead.size() < READ_AHEAD; next++) {
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
                if (e.getCause() instanceof LogSource.Damaged damaged) {
                    return Optional.of(new Finding(damaged.index(), damaged.getMessage()));
                }
                throw new IOException(e.getCause().getMessage(), e.getCause());
            } finally {
                readers.shutdownNow();
            }
        }
    }

    private LeafTile read(long tile) throws IOException, InterruptedException {
        return new LeafTile(tile, tileFetcher.hashes(0, tile), tileFetcher.entries(tile));
    }

    private Optional<Finding> check(LeafTile read) throws IOException, InterruptedException {
        var path = tileFetcher.path(0, read.tile);
        var leaves = new ArrayList<byte[]>(path.width());
        for (var i = 0; i < path.width(); i++) {
            var index = read.tile * MerkleTree.TILE_WIDTH + i;
            if (i >= read.entries.size() || read.entries.get(i).length == 0) {
                return Optional.of(Finding.at(index, "Entry %d is missing.".formatted(index)));
            }
            var hashes = read.hashes.orElse(new byte[0]);
            if (hashes.length < (i + 1) * MerkleTree.HASH_SIZE) {
                return Optional.of(Finding.at(
                        index, "%s is missing or cut off: no leaf hash of entry %d.".formatted(path.path(), index)));
            }
            var leaf = MerkleTree.leafHash(read.entries.get(i));
            var stored = Arrays.copyOfRange(hashes, i * MerkleTree.HASH_SIZE, (i + 1) * MerkleTree.HASH_SIZE);
            var wrong = compare(index, leaf, stored, localMirror.hash(index));
            if (wrong.isPresent()) {
                return wrong.map(what -> Finding.at(index, what));
            }
            leafListener.leaf(index, leaf);
            leaves.add(leaf);
        }
        compactRange = compactRange.addAll(leaves);
        mirror(path, read);
        leafListener.checked(compactRange.size());
        return path.full() ? upperTiles.add(1, read.tile, MerkleTree.root(leaves)) : Optional.empty();
    }

    /**
     * @param leaf the hash of the entry as it is now
     * @param stored its leaf hash in the log's tile
     * @param before its leaf hash in the local mirror
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

    private void mirror(TilePath path, LeafTile read) throws IOException {
        localMirror.put(path, read.hashes.orElseThrow());
        localMirror.put(new TilePath(TilePath.ENTRIES, path.index(), path.width()), EntryBundle.of(read.entries));
    }
}
