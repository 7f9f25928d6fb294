package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.TilePath;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Fetches tiles and entry bundles of a log, as they are for one of its sizes. */
record TileFetcher(LogSource log, TileLayout layout) {

    TilePath path(int level, long index) {
        return new TilePath(level, index, layout.width(Math.max(level, 0), index));
    }

    /** The hashes one after the other; empty when there is no such tile. */
    Optional<byte[]> hashes(int level, long index) throws IOException, InterruptedException {
        var path = path(level, index);
        return read(path)
                .map(bytes -> Arrays.copyOf(bytes, Math.min(bytes.length, path.width() * MerkleTree.HASH_SIZE)));
    }

    /** As many as there are, at most as many as belong there. */
    List<byte[]> entries(long index) throws IOException, InterruptedException {
        var path = path(TilePath.ENTRIES, index);
        var entries = read(path).map(EntryBundle::entries).orElse(List.of());
        return entries.subList(0, Math.min(entries.size(), path.width()));
    }

    /** A log that has grown may have the full tile alone. */
    private Optional<byte[]> read(TilePath path) throws IOException, InterruptedException {
        var bytes = log.read(path.path());
        return bytes.isPresent() || path.full()
                ? bytes
                : log.read(new TilePath(path.level(), path.index(), MerkleTree.TILE_WIDTH).path());
    }
}
