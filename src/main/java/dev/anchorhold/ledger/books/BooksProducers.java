package dev.anchorhold.ledger.books;

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
    BooksProjection booksProjection(Database database) {
        return new BooksProjection(database);
    }

    @Produces
    @Singleton
    Periods periods(BooksProjection projection, Database database) {
        return new Periods(projection, database);
    }

    @Produces
    @Singleton
    Usage usage(BooksProjection projection, Database database) {
        return new Usage(projection, database);
    }

    @Produces
    @Singleton
    BooksAudit booksAudit(Database database) {
        return new BooksAudit(database);
    }

    @Produces
    @Singleton
    Prices prices(Database database) {
        return new Prices(database);
    }

    @Produces
    @Singleton
    MonthlyStatements statements(BooksProjection projection, Database database, Settings settings) {
        return new MonthlyStatements(projection, database, settings.ledger().closeAfter());
    }
}
