package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * CDI producers of the books' objects, one each in a process that has their role. The classes themselves are plain Java: tests
 * make their own.
 */
class BooksProducers {

    @Produces
    @Singleton
    BooksProjection booksProjection(Database database, TransparencyLog log) {
        return new BooksProjection(database, log);
    }

    @Produces
    @Singleton
    Periods periods(BooksProjection projection) {
        return new Periods(projection);
    }

    @Produces
    @Singleton
    OpenResources openResources(BooksProjection projection) {
        return new OpenResources(projection);
    }

    @Produces
    @Singleton
    Usage usage(BooksProjection projection) {
        return new Usage(projection);
    }

    @Produces
    @Singleton
    BooksAudit booksAudit(Database database) {
        return new BooksAudit(database);
    }

    @Produces
    @Singleton
    Prices prices(Database database, TransparencyLog log) {
        return new Prices(database, log);
    }

    @Produces
    @Singleton
    MonthlyStatements statements(
            BooksProjection projection, Database database, TransparencyLog log, Settings settings) {
        return new MonthlyStatements(
                projection, database, log, settings.ledger().closeAfter());
    }

    @Produces
    @Singleton
    EarlierCommitments earlierCommitments(Database database, TransparencyLog log) {
        return new EarlierCommitments(database, log);
    }
}
