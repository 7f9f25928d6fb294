package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the books' parts, once a process that has their role. The parts themselves are plain Java: tests make their own. */
class BooksProducers {

    @Produces
    @Singleton
    BooksProjection booksProjection(Database database) {
        return new BooksProjection(database);
    }

    @Produces
    @Singleton
    Periods periods(BooksProjection books, Database database) {
        return new Periods(books, database);
    }

    @Produces
    @Singleton
    Usage usage(BooksProjection books, Database database) {
        return new Usage(books, database);
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
    Statements statements(BooksProjection books, Database database, Settings settings) {
        return new Statements(books, database, settings.ledger().closeAfter());
    }
}
