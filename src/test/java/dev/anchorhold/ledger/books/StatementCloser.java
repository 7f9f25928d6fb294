package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** Closes the months that are due, as a second companion of the same installation would: without waiting for the first one's minute. */
public final class StatementCloser {
    private StatementCloser() {}

    public static void close(CompanionDatabase of, SigningKey logKey, Path prices) {
        Database database = new Database(of::asApplication);
        InstantSource clock = InstantSource.system();
        try (TransparencyLog log = new TransparencyLog(database, logKey, clock)) {
            new Prices(database, log).load(prices, clock.instant());
            new MonthlyStatements(new BooksProjection(database), database, log, Duration.ofHours(72))
                    .closeDue(clock.instant());
        }
    }
}
