package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.TilePath;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the tiles that are served (C2SP tlog-tiles), up to the newest checkpoint. It serves what is there, also when rows were
 * changed or are gone: to say what is wrong with that is for the verifier, who must be able to say where.
 */
public final class TileReader {
    private final Database database;

    public TileReader(Database database) {
        this.database = database;
    }

    /** Empty when the log is not so large, or the tile is gone. */
    public Optional<byte[]> at(TilePath path) {
        return database.transaction(it -> {
            long size = size(it);
            int level = Math.max(0, path.level());
            if (path.width() > TileHashReader.width(size, level, path.index())) {
                return Optional.empty();
            }
            return path.ofEntries()
                    ? Optional.of(entries(it, path))
                    : TileHashReader.compared(it, size, level, path.index())
                            .map(hashes -> HashCodec.joined(hashes.subList(0, path.width())));
        });
    }

    /** The log's size, whatever else its newest checkpoint says. */
    static long size(Transaction transaction) throws SQLException {
        return transaction
                .first(row -> row.number("size"), "SELECT coalesce(max(size), 0) AS size FROM ledger.checkpoint")
                .orElseThrow();
    }

    /** The leaves' data as the columns have it now; an entry of no length where there is no row. */
    private static byte[] entries(Transaction transaction, TilePath path) throws SQLException {
        long first = path.index() * MerkleTree.TILE_WIDTH;
        Map<Long, byte[]> present = new HashMap<>();
        rows(
                        transaction,
                        "event",
                        first,
                        path.width(),
                        row -> EventTable.event(row).leafData())
                .forEach(it -> present.put(it.index, it.data));
        rows(
                        transaction,
                        "commitment",
                        first,
                        path.width(),
                        row -> Commitments.read(row).leafData())
                .forEach(it -> present.merge(it.index, it.data, (_, _) -> new byte[0])); // two cannot be one leaf
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        for (int i = 0; i < path.width(); i++) {
            byte[] data = present.getOrDefault(first + i, new byte[0]);
            bundle.write(data.length >>> Byte.SIZE);
            bundle.write(data.length);
            bundle.writeBytes(data);
        }
        return bundle.toByteArray();
    }

    private record Entry(long index, byte[] data) {}

    private static List<Entry> rows(
            Transaction transaction, String table, long first, int width, Database.RowReader<byte[]> leafData)
            throws SQLException {
        return transaction.all(
                row -> entry(row, leafData),
                "SELECT * FROM ledger." + table + " WHERE index >= ? AND index < ?",
                first,
                first + width);
    }

    private static Entry entry(Row row, Database.RowReader<byte[]> leafData) throws SQLException {
        long index = row.number("index");
        try {
            return new Entry(index, leafData.read(row));
        } catch (RuntimeException _) {
            return new Entry(index, new byte[0]); // changed into what the log never wrote
        }
    }
}
