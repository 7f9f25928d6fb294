package dev.anchorhold.cloud;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * State that the parts of an inventory share: the lock, the sequence numbers that order observations, and the change
 * listeners, which are called after the lock is released and once per uid.
 */
public final class InventoryContext {
    private static final Logger LOG = Logger.getLogger(InventoryContext.class);

    public final String installation;
    public final InventorySettings settings;
    private final InstantSource clock;
    private final AtomicLong sequence = new AtomicLong();
    private final CopyOnWriteArrayList<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> changed = new HashSet<>();
    private final Set<String> waiters = new HashSet<>();
    private final Object lock = new Object();

    public InventoryContext(String installation, InventorySettings settings, InstantSource clock) {
        this.installation = installation;
        this.settings = settings;
        this.clock = clock;
    }

    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** The number for a read about to begin, or for a write just answered. */
    public long nextSequence() {
        return sequence.incrementAndGet();
    }

    public Instant now() {
        return clock.instant();
    }

    /** Reads or changes what is known; listeners are notified afterwards. No call to the cloud in here. */
    public <R> R locked(Supplier<R> work) {
        Set<String> uids;
        R result;
        synchronized (lock) {
            result = work.get();
            waiters.removeAll(changed);
            uids = Set.copyOf(changed);
            changed.clear();
        }
        uids.forEach(this::notifyListeners);
        return result;
    }

    public void locked(Runnable work) {
        locked(() -> {
            work.run();
            return null;
        });
    }

    /** Under the lock: something about this uid is new. */
    public void markChanged(String uid) {
        changed.add(uid);
    }

    /** Under the lock: somebody was answered "unknown" and is notified when that ends. */
    public void addWaiter(String uid) {
        waiters.add(uid);
    }

    /** Under the lock: much was read; whoever waits may ask again. */
    public void notifyWaiters() {
        changed.addAll(waiters);
    }

    /** Under the lock: this uid was read. */
    public void notifyWaiters(String uid) {
        if (waiters.contains(uid)) changed.add(uid);
    }

    private void notifyListeners(String uid) {
        for (var listener : listeners) {
            try {
                listener.accept(uid);
            } catch (RuntimeException e) {
                LOG.errorf(e, "a listener failed for %s", uid);
            }
        }
    }
}
