package dev.anchorhold.sim.hetzner;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** What all families share: the one lock, the rows, time, the catalogue, the knobs and the machines. */
final class Cloud {
    private static final System.Logger LOG = System.getLogger(Cloud.class.getName());
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    final Store store;
    final SimulatorClock clock;
    final Durations durations;
    final Catalogue catalogue;
    final Knobs knobs;
    final Guests guests;
    final Actions actions;
    final Map<Long, Project> projects = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    Cloud(Store store, SimulatorClock clock, Durations durations, Catalogue catalogue, Knobs knobs, Guests guests) {
        this.store = store;
        this.clock = clock;
        this.durations = durations;
        this.catalogue = catalogue;
        this.knobs = knobs;
        this.guests = guests;
        this.actions = new Actions(this);
    }

    Instant now() {
        return clock.now();
    }

    /** All that changes or reads rows runs in here; what was changed is durable when it returns. */
    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            if (!closed) store.commit();
            lock.unlock();
        }
    }

    void later(Duration delay, Runnable work) {
        at(now().plus(delay), work);
    }

    /** Runs the work under the lock at that time, unless the simulator was closed in between. */
    void at(Instant when, Runnable work) {
        clock.at(when, () -> react(work));
    }

    /** For what nobody waits for, a timer's or a machine's: a bug in it is at least told. */
    void react(Runnable work) {
        try {
            locked(() -> {
                if (!closed) work.run();
                return null;
            });
        } catch (RuntimeException bug) {
            LOG.log(System.Logger.Level.ERROR, "the simulator failed", bug);
            throw bug;
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            store.close();
        } finally {
            lock.unlock();
        }
    }

    /** Gives a new row its id, project and birthday. */
    <T extends Row> T born(T row, Call call, String name) {
        row.id = store.nextId();
        row.project = call.project().id;
        row.name = name;
        row.created = now();
        if (!knobs.labelIndexLag.isZero()) {
            row.indexedLabels = null;
            row.indexedUntil = now().plus(knobs.labelIndexLag);
        }
        return row;
    }

    void relabel(Row row, Map<String, String> labels) {
        boolean lagging = row.indexedUntil != null && now().isBefore(row.indexedUntil);
        if (!knobs.labelIndexLag.isZero()) {
            if (!lagging) row.indexedLabels = row.labels;
            row.indexedUntil = now().plus(knobs.labelIndexLag);
        }
        row.labels = labels;
    }

    /** The call's own row, else {@code not_found}: another project's rows do not exist for it. */
    <T extends Row> T own(Call call, Class<T> kind, long id, String what) {
        return store.find(kind, id)
                .filter(row -> row.project == call.project().id)
                .orElseThrow(() -> ApiError.notFound(what, id));
    }

    <T extends Row> boolean nameTaken(Call call, Class<T> kind, String name, long except) {
        return store.all(kind)
                .anyMatch(row -> row.project == call.project().id && row.id != except && name.equals(row.name));
    }

    /** Hetzner speaks in whole seconds. */
    static String time(Instant instant) {
        return instant == null ? null : SECONDS.format(instant);
    }
}
