package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.world.CompanionDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A superuser of the database, who may do everything to the log's rows and knows how the log is made; but does not have the
 * log's key, unless it is given one.
 */
final class Superuser {
    private static final List<String> TABLES = List.of("event", "commitment", "tile", "checkpoint");

    private final Database database;

    Superuser(CompanionDatabase postgres) {
        var source = new PGSimpleDataSource();
        source.setUrl(postgres.url());
        source.setUser("postgres");
        database = new Database(() -> source);
    }

    /** @return how many rows it concerned */
    int execute(String sql, Object... values) {
        return database.transaction(it -> it.update(sql, values));
    }

    List<Long> numbers(String sql, Object... values) {
        return database.transaction(it -> it.all(row -> row.number("it"), sql, values));
    }

    List<String> texts(String sql, Object... values) {
        return database.transaction(it -> it.all(row -> row.text("it"), sql, values));
    }

    void save() {
        execute("CREATE SCHEMA saved");
        TABLES.forEach(table -> execute("CREATE TABLE saved.%s AS TABLE ledger.%s".formatted(table, table)));
    }

    /** All three tables at once, as they were saved. */
    void restore() {
        database.transaction(it -> {
            removeAll(it);
            for (var table : TABLES) {
                it.update("INSERT INTO ledger.%s SELECT * FROM saved.%s".formatted(table, table));
            }
            return null;
        });
    }

    void truncateAll() {
        database.transaction(it -> {
            removeAll(it);
            return null;
        });
    }

    /** Row by row, since TRUNCATE would wait for who reads. */
    private static void removeAll(Transaction transaction) throws SQLException {
        for (var table : TABLES) {
            transaction.update("DELETE FROM ledger." + table);
        }
    }

    /** Makes one row's number another's, for each pair. */
    void renumber(long... pairs) {
        database.transaction(it -> {
            for (var shift : List.of(1_000_000L, 0L)) {
                for (var i = 0; i < pairs.length; i += 2) {
                    var from = shift > 0 ? pairs[i] : 1_000_000L + pairs[i];
                    var to = shift > 0 ? 1_000_000L + pairs[i] : pairs[i + 1];
                    it.update("UPDATE ledger.event SET index = ? WHERE index = ?", to, from);
                }
            }
            return null;
        });
    }

    /** Changes the events as wished and makes everything that hangs on them anew: leaf hashes, tiles and a head, signed with the key. */
    void rewrite(SigningKey key, UnaryOperator<List<LogEvent>> change) {
        database.transaction(it -> {
            var changed = change.apply(
                    new ArrayList<>(it.all(EventTable::event, "SELECT * FROM ledger.event ORDER BY index")));
            removeAll(it);
            write(it, key, changed);
            return null;
        });
    }

    private static void write(Transaction transaction, SigningKey key, List<LogEvent> events) throws SQLException {
        var numbered = new ArrayList<LogEvent>();
        for (var event : events) {
            numbered.add(new LogEvent(
                    numbered.size(),
                    event.subject(),
                    event.entry(),
                    event.recordedAt(),
                    event.nonce(),
                    MerkleTree.leafHash(event.leafData())));
        }
        var hashes = numbered.stream().map(LogEvent::leafHash).toList();
        EventTable.insert(transaction, numbered);
        TileWriter.store(transaction, 0, hashes);
        var compactRange = CompactRange.EMPTY.addAll(hashes);
        var text = new Checkpoint(key.verifier().name(), compactRange.size(), compactRange.root()).text();
        new SignedTreeHead(compactRange, key.sign(text)).insert(transaction);
    }
}
