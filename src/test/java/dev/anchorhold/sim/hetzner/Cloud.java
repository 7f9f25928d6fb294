package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.SimulatedCloud;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What all families share: the one lock, the rows, time, the catalogue, the knobs and the machines. */
final class Cloud extends SimulatedCloud {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    final Store store;
    final Durations durations;
    final Catalogue catalogue;
    final Knobs knobs;
    final Guests guests;
    final Actions actions;
    final Map<Long, Project> projects = new LinkedHashMap<>();

    Cloud(Store store, SimulatorClock clock, Durations durations, Catalogue catalogue, Knobs knobs, Guests guests) {
        super(clock);
        this.store = store;
        this.durations = durations;
        this.catalogue = catalogue;
        this.knobs = knobs;
        this.guests = guests;
        this.actions = new Actions(this);
    }

    @Override
    protected void commit() {
        store.commit();
    }

    @Override
    protected void closeBooks() {
        store.close();
    }

    /** Gives a new row its id, project and birthday. */
    <T extends Row> T born(T row, Call call, String name) {
        row.id = store.takeNumber();
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
        return store.named(kind, name).anyMatch(row -> row.project == call.project().id && row.id != except);
    }

    /** Hetzner speaks in whole seconds. */
    static String time(Instant instant) {
        return instant == null ? null : SECONDS.format(instant);
    }
}
