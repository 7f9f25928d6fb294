package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.BooksAudit.Difference;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * The periodic tasks of the books: loading new prices, closing months, and once a day the audit of the books against the log.
 * Any companion may run them, several at once too.
 */
final class ScheduledTasks {
    private static final Logger LOG = Logger.getLogger(ScheduledTasks.class);
    private static final Duration AUDIT_INTERVAL = Duration.ofDays(1);
    private static final int MAX_REPORTED = 20;

    private final MonthlyStatements statements;
    private final BooksAudit audit;
    private final Prices prices;
    private final InstantSource clock;
    private final Counter closed;
    private final AtomicLong unpriced;
    private final AtomicLong differences;
    private Optional<Path> newPrices;
    private Instant nextAudit = Instant.MIN;

    /** @param file the file with the prices, already validated */
    ScheduledTasks(
            MonthlyStatements statements,
            BooksAudit audit,
            Prices prices,
            Optional<Path> file,
            InstantSource clock,
            MeterRegistry meters) {
        this.statements = statements;
        this.audit = audit;
        this.prices = prices;
        this.newPrices = file;
        this.clock = clock;
        this.closed = meters.counter("anchorhold.books.statements.closed");
        this.unpriced = meters.gauge("anchorhold.books.statements.unpriced", new AtomicLong());
        this.differences = meters.gauge("anchorhold.books.differences", new AtomicLong());
    }

    /** @throws RuntimeException when something could not be done; the next time does it. No month is closed before its prices are in. */
    void runOnce() {
        Instant now = clock.instant();
        if (newPrices.isPresent()) {
            LOG.infof("%d new versions of the prices", prices.load(newPrices.get(), now));
            newPrices = Optional.empty();
        }
        close(now);
        if (!now.isBefore(nextAudit)) {
            audit();
            nextAudit = now.plus(AUDIT_INTERVAL);
        }
    }

    private void close(Instant now) {
        MonthlyStatements.ClosingResult result = statements.closeDue(now);
        closed.increment(result.closed());
        var unpricedMonths = result.unpriced();
        if (!unpricedMonths.isEmpty() && unpriced.getAndSet(unpricedMonths.size()) != unpricedMonths.size()) {
            unpricedMonths.stream().limit(MAX_REPORTED).forEach(ScheduledTasks::logUnpriced);
        }
        unpriced.set(unpricedMonths.size());
    }

    private static void logUnpriced(MonthlyStatements.UnpricedMonth it) {
        LOG.errorf(
                "the statement of %s for %s cannot be closed, since prices are missing: %s",
                it.account(),
                it.month(),
                it.cells().stream()
                        .map(cell ->
                                "(%s, %s, %s, %s)".formatted(cell.product(), cell.region(), cell.size(), cell.state()))
                        .toList());
    }

    private void audit() {
        List<Difference> found = audit.differences();
        differences.set(found.size());
        found.stream()
                .limit(MAX_REPORTED)
                .forEach(it -> LOG.errorf(
                        "the books differ from the log: %s of %s is %s, and should be %s",
                        it.item(),
                        it.resource(),
                        it.stored().orElse("missing"),
                        it.recomputed().orElse("not there")));
    }
}
