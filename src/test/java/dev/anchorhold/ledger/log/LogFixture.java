package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;

/** A log on a database of its own, with all that reads it. */
final class LogFixture implements AutoCloseable {
    static final SigningKey KEY = key();

    final CompanionDatabase postgres = CompanionDatabase.fresh();
    final Database database = new Database(postgres::asApplication);
    final TransparencyLog log = another();
    final LogEvents events = new LogEvents(database);
    final ProofBuilder proofs = new ProofBuilder(database);

    /** One more, as a second companion has it. */
    TransparencyLog another() {
        return new TransparencyLog(database, KEY, InstantSource.system());
    }

    static SigningKey key() {
        try {
            Path folder = Files.createTempDirectory("log-key");
            try {
                return SigningKey.of(
                        CompanionProcess.LOG_ORIGIN, CompanionProcess.logSigningKey(folder.resolve("key")));
            } finally {
                Files.deleteIfExists(folder.resolve("key"));
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the tables' owner, whom nothing stops. */
    void asOwner(String sql) throws SQLException {
        try (Connection connection = postgres.asOwner().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
