package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.SimulatedCloud;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of the simulated Hetzner Cloud, shared by all handlers: the one lock, the tables, the clock, the
 * catalogue, the knobs and the guests.
 */
final class HetznerState extends SimulatedCloud {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    final HetznerTables tables;
    final CommandDurations durations;
    final SimulatedCatalogue catalogue;
    final HetznerKnobs knobs;
    final GuestDispatcher guests;
    final ActionScheduler actions;
    final Map<Long, SimulatedProject> projects = new LinkedHashMap<>();

    HetznerState(
            HetznerTables tables,
            SimulatorClock clock,
            CommandDurations durations,
            SimulatedCatalogue catalogue,
            HetznerKnobs knobs,
            GuestDispatcher guests) {
        super(clock);
        this.tables = tables;
        this.durations = durations;
        this.catalogue = catalogue;
        this.knobs = knobs;
        this.guests = guests;
        this.actions = new ActionScheduler(this);
    }

    @Override
    protected void commit() {
        tables.commit();
    }

    @Override
    protected void closeTables() {
        tables.close();
    }

    /** Gives a new row its id, project and creation time. */
    <T extends HetznerRow> T initialize(T row, HetznerRequest request, String name) {
        row.id = tables.takeNumber();
        row.project = request.project().id;
        row.name = name;
        row.created = now();
        if (!knobs.labelIndexLag.isZero()) {
            row.indexedLabels = null;
            row.indexedUntil = now().plus(knobs.labelIndexLag);
        }
        return row;
    }

    void relabel(HetznerRow row, Map<String, String> labels) {
        boolean lagging = row.indexedUntil != null && now().isBefore(row.indexedUntil);
        if (!knobs.labelIndexLag.isZero()) {
            if (!lagging) row.indexedLabels = row.labels;
            row.indexedUntil = now().plus(knobs.labelIndexLag);
        }
        row.labels = labels;
    }

    /** The row if it belongs to the request's project, else {@code not_found}: another project's rows do not exist for it. */
    <T extends HetznerRow> T own(HetznerRequest request, Class<T> kind, long id, String what) {
        return tables.find(kind, id)
                .filter(row -> row.project == request.project().id)
                .orElseThrow(() -> HetznerApiError.notFound(what, id));
    }

    <T extends HetznerRow> boolean nameTaken(HetznerRequest request, Class<T> kind, String name, long except) {
        return tables.named(kind, name).anyMatch(row -> row.project == request.project().id && row.id != except);
    }

    /** A time as Hetzner writes it: in whole seconds. */
    static String time(Instant instant) {
        return instant == null ? null : SECONDS.format(instant);
    }
}
