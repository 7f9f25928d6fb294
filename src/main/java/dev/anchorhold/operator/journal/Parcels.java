package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Journal;
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

/** What is on its way to the books, of all objects. Many put in, one takes out. Holds no more than the journals themselves do. */
final class Parcels {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Map<String, Parcel> parcels = new HashMap<>();
    /** Those of which the books lack something. */
    private final Map<String, Parcel> open = new LinkedHashMap<>();

    private boolean closed;

    /** Why the journal cannot be brought; empty when it can, or when it is held already. */
    Optional<String> put(String uid, long newest, Supplier<Journal> journal) {
        return locked(() -> {
            var parcel = parcels.computeIfAbsent(uid, _ -> new Parcel());
            if (parcel.holds(newest)) {
                return Optional.empty();
            }
            try {
                parcel.put(journal.get(), newest);
                news.signal();
                return Optional.empty();
            } catch (RuntimeException e) {
                String why = "status.journal is not as an operator writes it: " + e.getMessage();
                parcel.unreadable(newest, why);
                return Optional.of(why);
            } finally {
                file(uid, parcel);
            }
        });
    }

    private void file(String uid, Parcel parcel) {
        if (parcel.isOpen()) {
            open.putIfAbsent(uid, parcel);
        } else {
            open.remove(uid);
        }
    }

    Optional<Parcel.State> state(String uid) {
        return locked(() -> Optional.ofNullable(parcels.get(uid)).map(Parcel::state));
    }

    void forget(String uid) {
        locked(() -> {
            open.remove(uid);
            return parcels.remove(uid);
        });
    }

    // ---- taking out

    /** Waits for something that may be brought now, and takes as much as one delivery holds; empty when closed. */
    List<Journal> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = System.nanoTime();
                var load = load(now);
                if (!load.isEmpty()) {
                    return load;
                }
                news.awaitNanos(untilDue(now));
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private List<Journal> load(long now) {
        List<Journal> load = new ArrayList<>();
        int room = Delivery.MOST;
        for (var parcel : open.values()) {
            if (room > 0 && parcel.due(now).filter(due -> due <= now).isPresent()) {
                load.add(parcel.load(room));
                room -= load.getLast().entries().size();
            }
        }
        return load;
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
                left = news.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- what became of it: false of what is forgotten

    boolean delivered(String uid, long upTo) {
        return change(uid, p -> p.delivered(upTo));
    }

    boolean backTo(String uid, long recorded) {
        return change(uid, p -> p.backTo(recorded));
    }

    boolean refused(String uid, String why, Pace pace) {
        return change(uid, p -> p.refused(why, System.nanoTime(), pace));
    }

    private boolean change(String uid, Predicate<Parcel> change) {
        return locked(() -> {
            var parcel = parcels.get(uid);
            if (parcel == null) {
                return false;
            }
            boolean answer = change.test(parcel);
            file(uid, parcel);
            return answer;
        });
    }

    // ---- all together

    double undelivered() {
        return locked(
                () -> open.values().stream().mapToInt(p -> p.open().size()).sum());
    }

    /** In seconds; 0 when there is nothing. */
    double ageOfOldest(Instant now) {
        return locked(() -> open.values().stream()
                .flatMap(p -> p.open().stream().limit(1))
                .map(entry -> entry.at())
                .min(Comparator.naturalOrder())
                .map(at -> Math.max(0, Duration.between(at, now).toMillis() / 1e3))
                .orElse(0.0));
    }

    void close() {
        locked(() -> {
            closed = true;
            news.signalAll();
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
