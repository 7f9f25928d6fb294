package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import dev.anchorhold.platform.VitalThread;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** Runs the projection loop and, every minute, the scheduled tasks in the processes that have the companion's role. */
@ApplicationScoped
class BooksLifecycle {
    private static final Logger LOG = Logger.getLogger(BooksLifecycle.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Settings settings;
    private final Instance<TransparencyLog> log;
    private final Instance<BooksProjection> projection;
    private final Instance<MonthlyStatements> statements;
    private final Instance<BooksAudit> audit;
    private final Instance<Prices> prices;
    private final Instance<EarlierCommitments> earlierCommitments;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private volatile ProjectionLoop projectionLoop;
    private volatile boolean ending;

    BooksLifecycle(
            Settings settings,
            Instance<TransparencyLog> log,
            Instance<BooksProjection> projection,
            Instance<MonthlyStatements> statements,
            Instance<BooksAudit> audit,
            Instance<Prices> prices,
            Instance<EarlierCommitments> earlierCommitments,
            InstantSource clock,
            MeterRegistry meters) {
        this.settings = settings;
        this.log = log;
        this.projection = projection;
        this.statements = statements;
        this.audit = audit;
        this.prices = prices;
        this.earlierCommitments = earlierCommitments;
        this.clock = clock;
        this.meters = meters;
    }

    /** A file of prices that cannot be read as such ends the process now, rather than a month's billing later. */
    void start(@Observes StartupEvent event) {
        if (!settings.roles().contains(Role.COMPANION)) {
            return;
        }
        settings.ledger().prices().ifPresent(PriceFile::read);
        projectionLoop = new ProjectionLoop(projection.get(), meters);
        log.get().onGrowth(projectionLoop::wake);
        VitalThread.start("books", projectionLoop);
        ScheduledTasks scheduledTasks = new ScheduledTasks(
                statements.get(),
                audit.get(),
                prices.get(),
                earlierCommitments.get(),
                settings.ledger().prices(),
                clock,
                meters);
        VitalThread.start("books-tasks", () -> eachMinute(scheduledTasks));
    }

    void end(@Observes ShutdownEvent event) {
        ending = true;
        if (projectionLoop != null) {
            projectionLoop.end();
        }
    }

    private void eachMinute(ScheduledTasks scheduledTasks) {
        while (!ending) {
            try {
                scheduledTasks.runOnce();
            } catch (RuntimeException e) {
                LOG.errorf("the books' scheduled tasks failed, and are tried again: %s", e.getMessage());
            }
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException _) {
                return;
            }
        }
    }
}
