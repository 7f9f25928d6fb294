package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * CDI producers of the log's objects, one each in a process that has its role. The classes themselves are plain Java: tests make
 * their own.
 */
class LogProducers {

    @Produces
    @Singleton
    TransparencyLog transparencyLog(Database database, Settings settings, InstantSource clock) throws IOException {
        Path key = settings.ledger()
                .logKey()
                .orElseThrow(
                        missing(
                                "anchorhold.ledger.log-key: a file that"
                                        + " \"openssl genpkey -algorithm ed25519 -out FILE\" makes, kept where no backup of the database is"));
        String origin = settings.ledger()
                .origin()
                .orElseThrow(missing(
                        "anchorhold.ledger.origin: the log's name for ever, such as" + " anchorhold.example.org/log"));
        List<VerifyingKey> previous = settings.ledger().previousKeys().orElse(List.of()).stream()
                .map(VerifyingKey::parse)
                .toList();
        return new TransparencyLog(database, SigningKey.of(origin, key), previous, clock);
    }

    void end(@Disposes TransparencyLog log) {
        log.close();
    }

    @Produces
    @Singleton
    LogEvents logEvents(Database database) {
        return new LogEvents(database);
    }

    @Produces
    @Singleton
    ResourceEndings resourceEndings(LogEvents events, TransparencyLog log) {
        return new ResourceEndings(events, log);
    }

    @Produces
    @Singleton
    ProofBuilder proofBuilder(Database database) {
        return new ProofBuilder(database);
    }

    @Produces
    @Singleton
    TileReader tileReader(Database database) {
        return new TileReader(database);
    }

    private static Supplier<IllegalStateException> missing(String setting) {
        return () -> new IllegalStateException("the companion needs " + setting);
    }
}
