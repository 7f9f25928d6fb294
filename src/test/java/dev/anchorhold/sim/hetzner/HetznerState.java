package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.SimulatedCloud;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What all families share: the one lock, the rows, time, the catalogue, the knobs and the machines. */
final class HetznerState extends SimulatedCloud {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    final HetznerTables hetznerTables;
    final CommandDurations durations;
    final SimulatedCatalogue catalogue;
    final HetznerKnobs knobs;
    final GuestDispatcher guestDispatcher;
    final ActionScheduler actions;
    final Map<Long, SimulatedProject> projects = new LinkedHashMap<>();

    HetznerState(
            HetznerTables hetznerTables,
            SimulatorClock clock,
            CommandDurations durations,
            SimulatedCatalogue catalogue,
            HetznerKnobs knobs,
            GuestDispatcher guestDispatcher) {
        super(clock);
        this.hetznerTables = hetznerTables;
        this.durations = durations;
        this.catalogue = catalogue;
        this.knobs = knobs;
        this.guestDispatcher = guestDispatcher;
        this.actions = new ActionScheduler(this);
    }

    @Override
    protected void commit() {
        hetznerTables.commit();
    }

    @Override
    protected void closeTables() {
        hetznerTables.close();
    }

    /** Gives a new row its id, project and birthday. */
    <T extends HetznerRow> T born(T row, HetznerRequest hetznerRequest, String name) {
        row.id = hetznerTables.takeNumber();
        row.project = hetznerRequest.project().id;
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

    /** The call's own row, else {@code not_found}: another project's rows do not exist for it. */
    <T extends HetznerRow> T own(HetznerRequest hetznerRequest, Class<T> kind, long id, String what) {
        return hetznerTables
                .find(kind, id)
                .filter(row -> row.project == hetznerRequest.project().id)
                .orElseThrow(() -> HetznerApiError.notFound(what, id));
    }

    <T extends HetznerRow> boolean nameTaken(HetznerRequest hetznerRequest, Class<T> kind, String name, long except) {
        return hetznerTables
                .named(kind, name)
                .anyMatch(row -> row.project == hetznerRequest.project().id && row.id != except);
    }

    /** Hetzner speaks in whole seconds. */
    static String time(Instant instant) {
        return instant == null ? null : SECONDS.format(instant);
    }
}
