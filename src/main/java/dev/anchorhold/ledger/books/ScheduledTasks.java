package dev.anchorhold.ledger.books;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The periodic tasks of the books: loading new prices, closing months, and once a day the audit of the books against the log, which
 * is repeated after minutes while they differ.
 * Any companion may run them, several at once too.
 */
final class ScheduledTasks {
    private static final Logger LOG = Logger.getLogger(ScheduledTasks.class);
    private static final Duration AUDIT_INTERVAL = Duration.ofDays(1);
    /** Whoever puts right what was found sees it soon. */
    private static final Duration AUDIT_INTERVAL_WHILE_DIFFERENT = Duration.ofMinutes(5);

    private static final int MAX_REPORTED = 20;

    private static final String COMMIT = "commit";
    private static final String LOAD_PRICES = "load_prices";
    private static final String CLOSE = "close";
    private static final String AUDIT = "audit";

    private final MonthlyStatements statements;
    private final BooksAudit audit;
    private final Prices prices;
    private final EarlierCommitments earlierCommitments;
    private final InstantSource clock;
    private final MeterRegistry meters;
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
            EarlierCommitments earlierCommitments,
            Optional<Path> file,
            InstantSource clock,
            MeterRegistry meters) {
        this.statements = statements;
        this.audit = audit;
        this.prices = prices;
        this.earlierCommitments = earlierCommitments;
        this.newPrices = file;
        this.clock = clock;
        this.meters = meters;
        for (String task : List.of(COMMIT, LOAD_PRICES, CLOSE, AUDIT)) {
            failures(task); // from the start, so that the first failure is an increase
        }
        this.closed = meters.counter("anchorhold.books.statements.closed");
        this.unpriced = meters.gauge("anchorhold.books.statements.unpriced", new AtomicLong());
        this.differences = meters.gauge("anchorhold.books.differences", new AtomicLong());
    }

    /**
     * The audit runs whatever became of the rest: what keeps a month from being closed may be what it finds.
     *
     * @throws RuntimeException when prices were not loaded or months not closed; the next time does it
     */
    void runOnce() {
        Instant now = clock.instant();
        try {
            bill(now);
        } finally {
            auditDaily(now);
        }
    }

    /** Each after the one before: no month is closed before its prices are in. */
    private void bill(Instant now) {
        counted(COMMIT, () -> {
            int committed = earlierCommitments.commit();
            if (committed > 0) {
                LOG.infof("the log commits to %d statements and prices of before", committed);
            }
        });
        counted(LOAD_PRICES, () -> {
            if (newPrices.isPresent()) {
                LOG.infof("%d new versions of the prices", prices.load(newPrices.get(), now));
                newPrices = Optional.empty();
            }
        });
        counted(CLOSE, () -> close(now));
    }

    /** Counts the run when it fails. */
    private void counted(String task, Runnable run) {
        try {
            run.run();
        } catch (RuntimeException e) {
            failures(task).increment();
            throw e;
        }
    }

    private Counter failures(String task) {
        return meters.counter("anchorhold.books.task.failures", "task", task);
    }

    private void auditDaily(Instant now) {
        if (!now.isBefore(nextAudit)) {
            try {
                counted(AUDIT, this::audit);
                nextAudit = now.plus(differences.get() > 0 ? AUDIT_INTERVAL_WHILE_DIFFERENT : AUDIT_INTERVAL);
            } catch (RuntimeException e) {
                LOG.errorf("the books were not compared with the log, and it is tried again: %s", e.getMessage());
            }
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
        List<MonthlyStatements.FailedAccount> failed = result.failed();
        if (!failed.isEmpty()) {
            throw new IllegalStateException("not all months could be closed; of %d accounts: %s"
                    .formatted(
                            failed.size(),
                            failed.stream()
                                    .limit(MAX_REPORTED)
                                    .map(it -> "%s (%s)".formatted(it.account(), it.reason()))
                                    .collect(Collectors.joining(", "))));
        }
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
        Differences found = audit.differences();
        differences.set(found.count());
        found.first()
                .forEach(it -> LOG.errorf(
                        "the books differ from the log: %s of %s is %s, and should be %s",
                        it.item(),
                        it.resource(),
                        it.stored().orElse("missing"),
                        it.recomputed().orElse("not there")));
    }
}
