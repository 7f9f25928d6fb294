package dev.anchorhold.ledger.merkle;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The path of a tile below the log's URL (C2SP tlog-tiles): {@code tile/0/x001/x234/067.p/12}. A path has one form alone.
 *
 * @param level {@link #ENTRIES}, or the level of hashes from 0 (the leaves' hashes) to 63
 * @param index the tile's number within its level
 * @param width hashes (or entries) in it, 1 to 256; fewer than 256 in a level's last one
 */
public record TilePath(int level, long index, int width) {
    public static final int ENTRIES = -1;

    private static final Pattern FORM = Pattern.compile(
            "tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*)([0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    public TilePath {
        if (level < ENTRIES || level > 63 || index < 0 || width < 1 || width > MerkleTree.TILE_WIDTH) {
            throw new IllegalArgumentException("no tile: level %d, index %d, width %d".formatted(level, index, width));
        }
    }

    public static String tile(int level, long index, int width) {
        return new TilePath(level, index, width).path();
    }

    public static String entries(long index, int width) {
        return new TilePath(ENTRIES, index, width).path();
    }

    /** Empty for what is no tile's path, and for another spelling of one. */
    public static Optional<TilePath> parse(String path) {
        var form = FORM.matcher(path);
        if (path.length() > 64 || !form.matches()) {
            return Optional.empty();
        }
        try {
            var level = form.group(1).equals("entries") ? ENTRIES : Integer.parseInt(form.group(1));
            var index = Long.parseLong(form.group(2).replaceAll("[x/]", "") + form.group(3));
            var width = form.group(4) == null ? MerkleTree.TILE_WIDTH : Integer.parseInt(form.group(4));
            return Optional.of(new TilePath(level, index, width))
                    .filter(tile -> tile.path().equals(path));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public boolean ofEntries() {
        return level == ENTRIES;
    }

    public boolean full() {
        return width == MerkleTree.TILE_WIDTH;
    }

    public String path() {
        var elements = "%03d".formatted(index % 1000);
        for (var rest = index / 1000; rest > 0; rest /= 1000) {
            elements = "x%03d/%s".formatted(rest % 1000, elements);
        }
        return "tile/" + (ofEntries() ? "entries" : level) + "/" + elements + (full() ? "" : ".p/" + width);
    }
}
