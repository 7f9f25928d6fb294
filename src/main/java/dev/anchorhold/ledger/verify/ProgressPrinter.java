package dev.anchorhold.ledger.verify;

import java.time.Duration;

/** Prints to the standard error, every few seconds, how far a check is; of a short check nothing. */
final class ProgressPrinter implements Verification.ProgressListener {
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    private long lastPrinted = System.nanoTime();

    @Override
    public void checked(long entries, long of) {
        if (System.nanoTime() - lastPrinted >= INTERVAL.toNanos()) {
            lastPrinted = System.nanoTime();
            System.err.printf("%d of %d entries are checked …%n", entries, of);
        }
    }
}
