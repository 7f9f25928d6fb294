package dev.anchorhold.operator.door;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestPage;
import dev.anchorhold.platform.VitalThread;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Inventory of all guests, kept up by one long poll of the door for the whole fleet, whatever its size. No exception
 * ends it (F29); when the companion has been out of reach for a while, everything is unknown again, never absent (F12).
 */
public final class DoorInventory implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DoorInventory.class);
    private static final Duration POLL_WAIT = Duration.ofSeconds(20);
    private static final Duration MAX_AGE = Duration.ofSeconds(90);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

    private final DoorClient door;
    private final InstantSource clock;
    private final Map<String, Guest> guests = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final Instant began;
    private volatile Instant asOf;
    private volatile CloudException lastFailure;
    private volatile boolean closed;
    private long cursor;
    private int failures;
    private Thread thread;

    public DoorInventory(DoorClient door, InstantSource clock, MeterRegistry metrics) {
        this.door = door;
        this.clock = clock;
        this.began = clock.instant();
        Gauge.builder("anchorhold.door.age.seconds", this, it -> it.age().toMillis() / 1e3)
                .description("since the guests were last known completely")
                .register(metrics);
    }

    /** Called with the UID of an agent whose guest changed; with an empty text when it may be any. Must return soon. */
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    public synchronized void start() {
        if (thread == null) {
            thread = VitalThread.start("door-inventory", this::run);
        }
    }

    /** The agent's guest. Absent: the door knows of no such agent, or it was deleted there. */
    public Sighting<Guest> guest(String uid) {
        Instant known = asOf;
        if (known == null || age().compareTo(MAX_AGE) > 0) {
            return new Sighting.Unknown<>(
                    known == null
                            ? "the companion has not listed the guests yet"
                            : "the companion last listed the guests at " + known.truncatedTo(ChronoUnit.SECONDS),
                    known == null ? began : known);
        }
        Guest guest = guests.get(uid);
        return guest == null ? new Sighting.Absent<>(known) : new Sighting.Seen<>(guest, known);
    }

    /** Why the companion cannot be asked now; empty when the last call went well. */
    public Optional<CloudException> lastFailure() {
        return Optional.ofNullable(lastFailure);
    }

    private Duration age() {
        Instant known = asOf;
        return Duration.between(known == null ? began : known, clock.instant());
    }

    private void run() {
        while (!closed) {
            try {
                poll();
            } catch (CloudException e) {
                recordFailure(e);
            } catch (Exception e) { // also an InterruptedException, which the HTTP client does not declare
                if (!closed) {
                    LOG.error("polling the guests failed", e);
                }
                recordFailure(new CloudException.Transient(
                        new Detail("internal", e.getClass().getSimpleName(), ""), null));
            }
        }
    }

    private void poll() {
        boolean wasOld = asOf == null || age().compareTo(MAX_AGE) > 0;
        Instant requestedAt = clock.instant();
        GuestPage page = door.changedGuests(cursor, wasOld ? Duration.ZERO : POLL_WAIT);
        if (page.cursor() < cursor) {
            LOG.warn("the door's cursor went back, so its database is another one: reading all guests");
            guests.clear();
            asOf = null;
        }
        cursor = page.cursor();
        page.guests().forEach(this::put);
        if (page.complete()) {
            asOf = requestedAt;
        }
        failures = 0;
        lastFailure = null;
        if (wasOld && page.complete()) {
            notifyListeners("");
        } else {
            page.guests().forEach(it -> notifyListeners(it.agent()));
        }
    }

    private void put(Guest guest) {
        if (guest.deletedAt() == null) {
            guests.put(guest.agent(), guest);
        } else {
            guests.remove(guest.agent());
        }
    }

    private void notifyListeners(String uid) {
        for (Consumer<String> listener : listeners) {
            try {
                listener.accept(uid);
            } catch (RuntimeException e) {
                LOG.errorf(e, "a listener failed for '%s'", uid);
            }
        }
    }

    private void recordFailure(CloudException e) {
        if (closed) {
            return;
        }
        failures++;
        if (failures == 1 || failures % 30 == 0) {
            LOG.warnf("guests cannot be polled (%d in a row): %s", failures, e.getMessage());
        }
        lastFailure = e;
        long maxDelay = Math.min(MAX_BACKOFF.toMillis(), 250L << Math.min(failures, 10));
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(maxDelay / 2, maxDelay));
        } catch (InterruptedException _) {
            // closed, or a stray interrupt: the loop's condition shows which
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
