package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.log.Log;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** The books in the processes that have the companion's role: they follow the log, and do their chores each minute. */
@ApplicationScoped
class BooksRole {
    private static final Logger LOG = Logger.getLogger(BooksRole.class);
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final Settings settings;
    private final Instance<Log> log;
    private final Instance<Books> books;
    private final Instance<Statements> statements;
    private final Instance<Audit> audit;
    private final Instance<Prices> prices;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private volatile Follower follower;
    private volatile boolean ending;

    BooksRole(
            Settings settings,
            Instance<Log> log,
            Instance<Books> books,
            Instance<Statements> statements,
            Instance<Audit> audit,
            Instance<Prices> prices,
            InstantSource clock,
            MeterRegistry meters) {
        this.settings = settings;
        this.log = log;
        this.books = books;
        this.statements = statements;
        this.audit = audit;
        this.prices = prices;
        this.clock = clock;
        this.meters = meters;
    }

    /** A file of prices that cannot be read as such ends the process now, rather than a month's billing later. */
    void start(@Observes StartupEvent event) {
        if (!settings.roles().contains(Role.COMPANION)) {
            return;
        }
        settings.ledger().prices().ifPresent(PriceFile::read);
        follower = new Follower(books.get(), meters);
        log.get().onGrowth(follower::wake);
        Thread.ofVirtual().name("books").start(follower);
        Chores chores = new Chores(
                statements.get(), audit.get(), prices.get(), settings.ledger().prices(), clock, meters);
        Thread.ofVirtual().name("books-chores").start(() -> eachMinute(chores));
    }

    void end(@Observes ShutdownEvent event) {
        ending = true;
        if (follower != null) {
            follower.end();
        }
    }

    private void eachMinute(Chores chores) {
        while (!ending) {
            try {
                chores.once();
            } catch (RuntimeException e) {
                LOG.errorf("the books' chores failed, and are tried again: %s", e.getMessage());
            }
            try {
                Thread.sleep(EVERY);
            } catch (InterruptedException _) {
                return;
            }
        }
    }
}
