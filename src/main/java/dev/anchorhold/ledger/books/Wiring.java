package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the books' parts, once a process that has their role. The parts themselves are plain Java: tests make their own. */
class Wiring {

    @Produces
    @Singleton
    Books books(Database database) {
        return new Books(database);
    }

    @Produces
    @Singleton
    Periods periods(Books books, Database database) {
        return new Periods(books, database);
    }

    @Produces
    @Singleton
    Usage usage(Books books, Database database) {
        return new Usage(books, database);
    }

    @Produces
    @Singleton
    Audit audit(Database database) {
        return new Audit(database);
    }

    @Produces
    @Singleton
    Prices prices(Database database) {
        return new Prices(database);
    }

    @Produces
    @Singleton
    Statements statements(Books books, Database database, Settings settings) {
        return new Statements(books, database, settings.ledger().closeAfter());
    }
}
