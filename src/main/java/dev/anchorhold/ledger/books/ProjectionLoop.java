package dev.anchorhold.ledger.books;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** Runs the projection whenever the log has grown, and at least every second; a failure is logged, counted and tried again. */
final class ProjectionLoop implements Runnable {
    private static final Logger LOG = Logger.getLogger(ProjectionLoop.class);
    private static final Duration MAX_INTERVAL = Duration.ofSeconds(1);
    /** Under a steady stream of commits, one fold for several of them; whoever reads in between folds first. */
    private static final Duration BATCH_DELAY = Duration.ofMillis(200);

    private final BooksProjection projection;
    private final Counter failures;
    private final AtomicLong entries;
    private final AtomicLong unfolded;
    private final Semaphore grown = new Semaphore(0);
    private volatile boolean ending;

    ProjectionLoop(BooksProjection projection, MeterRegistry meters) {
        this.projection = projection;
        this.failures = meters.counter("anchorhold.books.fold.failures");
        this.entries = meters.gauge("anchorhold.log.entries", new AtomicLong());
        this.unfolded = meters.gauge("anchorhold.books.unfolded.entries", new AtomicLong());
    }

    void wake() {
        grown.release();
    }

    void end() {
        ending = true;
        wake();
    }

    @Override
    public void run() {
        while (!ending) {
            try {
                BooksProgress progress = projection.progress();
                entries.set(progress.signed());
                unfolded.set(progress.signed() - progress.position());
                projection.fold(progress, position -> unfolded.set(Math.max(0, progress.signed() - position)));
            } catch (RuntimeException e) {
                failures.increment();
                LOG.errorf("the books stay behind the log, and it is tried again: %s", e.getMessage());
            }
            try {
                Thread.sleep(BATCH_DELAY);
                grown.tryAcquire(MAX_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                grown.drainPermits();
            } catch (InterruptedException _) {
                return;
            }
        }
    }
}
