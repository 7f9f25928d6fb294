package dev.anchorhold.ledger.verify;

import java.time.Duration;

/** Tells now and then how far a long check is; of a short one nothing. */
final class ProgressPrinter implements Verification.ProgressListener {
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    private long told = System.nanoTime();

    @Override
    public void checked(long entries, long of) {
        if (System.nanoTime() - told >= INTERVAL.toNanos()) {
            told = System.nanoTime();
            System.err.printf("%d of %d entries are checked …%n", entries, of);
        }
    }
}
