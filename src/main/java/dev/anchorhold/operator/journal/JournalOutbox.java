package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.operator.backoff.ExponentialBackoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Outbox of journal entries that are not delivered yet, of all objects: reconcilers put, the dispatcher takes batches.
 * Thread-safe. Holds no more than the journals themselves do.
 */
final class JournalOutbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition workAvailable = lock.newCondition();
    private final Map<String, PendingJournal> journals = new HashMap<>();
    /** Those with entries that are not delivered. */
    private final Map<String, PendingJournal> open = new LinkedHashMap<>();

    private boolean closed;

    /** Why the journal cannot be delivered; empty when it can, or when it is held already. */
    Optional<String> put(String uid, long newest, Supplier<ResourceJournal> journal) {
        return locked(() -> {
            var pendingJournal = journals.computeIfAbsent(uid, _ -> new PendingJournal());
            if (pendingJournal.isCurrent(newest) && !pendingJournal.isRefused()) {
                return Optional.empty();
            }
            try {
                if (pendingJournal.put(journal.get(), newest)) {
                    workAvailable.signal();
                }
                return Optional.empty();
            } catch (RuntimeException e) {
                String why = "status.journal is not as an operator writes it: " + e.getMessage();
                return pendingJournal.markUnreadable(newest, why) ? Optional.of(why) : Optional.empty();
            } finally {
                updateOpen(uid, pendingJournal);
            }
        });
    }

    private void updateOpen(String uid, PendingJournal pendingJournal) {
        if (pendingJournal.isOpen()) {
            open.putIfAbsent(uid, pendingJournal);
        } else {
            open.remove(uid);
        }
    }

    Optional<PendingJournal.Progress> progress(String uid) {
        return locked(() -> Optional.ofNullable(journals.get(uid)).map(PendingJournal::progress));
    }

    void forget(String uid) {
        locked(() -> {
            open.remove(uid);
            return journals.remove(uid);
        });
    }

    // ---- taking out

    /** Waits for entries that are due, and takes as many as one delivery holds; empty when closed. */
    List<ResourceJournal> nextBatch() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = System.nanoTime();
                var batch = batch(now);
                if (!batch.isEmpty()) {
                    return batch;
                }
                workAvailable.awaitNanos(untilDue(now));
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private List<ResourceJournal> batch(long now) {
        List<ResourceJournal> batch = new ArrayList<>();
        int remaining = Delivery.MAX_ENTRIES;
        for (var pendingJournal : open.values()) {
            if (remaining > 0
                    && pendingJournal.due(now).filter(due -> due <= now).isPresent()) {
                batch.add(pendingJournal.batch(remaining));
                remaining -= batch.getLast().entries().size();
            }
        }
        return batch;
    }

    private long untilDue(long now) {
        return open.values().stream()
                .flatMap(p -> p.due(now).stream())
                .mapToLong(due -> due - now)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Lets that time pass, unless closed meanwhile. */
    void pause(Duration time) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = time.toNanos();
            while (!closed && left > 0) {
                left = workAvailable.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- what became of it: false of what is forgotten

    boolean markDelivered(String uid, long upTo) {
        return update(uid, p -> p.markDelivered(upTo));
    }

    boolean rewindTo(String uid, long recorded) {
        return update(uid, p -> p.rewindTo(recorded));
    }

    boolean markRefused(String uid, String why, ExponentialBackoff exponentialBackoff) {
        return update(uid, p -> p.markRefused(why, System.nanoTime(), exponentialBackoff));
    }

    private boolean update(String uid, Predicate<PendingJournal> update) {
        return locked(() -> {
            var pendingJournal = journals.get(uid);
            if (pendingJournal == null) {
                return false;
            }
            boolean answer = update.test(pendingJournal);
            updateOpen(uid, pendingJournal);
            return answer;
        });
    }

    // ---- all together

    double undelivered() {
        return locked(() ->
                open.values().stream().mapToInt(p -> p.undelivered().size()).sum());
    }

    /** In seconds; 0 when there is nothing. */
    double ageOfOldest(Instant now) {
        return locked(() -> open.values().stream()
                .flatMap(p -> p.undelivered().stream().limit(1))
                .map(entry -> entry.at())
                .min(Comparator.naturalOrder())
                .map(at -> Math.max(0, Duration.between(at, now).toMillis() / 1e3))
                .orElse(0.0));
    }

    void close() {
        locked(() -> {
            closed = true;
            workAvailable.signalAll();
            return null;
        });
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
