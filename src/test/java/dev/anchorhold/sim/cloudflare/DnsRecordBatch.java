package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Changes to one zone's records: all are checked against each other, and saved together or not at all. */
final class DnsRecordBatch {
    private final CloudflareState state;
    private final SimulatedZone zone;
    /** By id; null for one that is deleted. */
    private final Map<String, CloudflareRow.Record> changed = new HashMap<>();

    DnsRecordBatch(CloudflareState state, SimulatedZone zone) {
        this.state = state;
        this.zone = zone;
    }

    void save() {
        changed.forEach((id, record) -> {
            if (record != null) state.tables.put(record);
            else stored(id).ifPresent(state.tables::remove);
        });
    }

    CloudflareRow.Record create(ObjectNode body) {
        if (records().count() >= state.knobs.recordLimit) {
            throw new CloudflareApiError(400, 81045, "Record quota exceeded.");
        }
        var record = state.initialize(
                new CloudflareRow.Record(), UUID.randomUUID().toString().replace("-", ""));
        record.zone = zone.id();
        return fill(record, body, true);
    }

    /** @param whole whether fields that are not given take their default; else they stay as they are */
    CloudflareRow.Record change(String id, ObjectNode body, boolean whole) {
        return fill(find(id).copy(), body, whole);
    }

    CloudflareRow.Record delete(String id) {
        var record = find(id);
        changed.put(id, null);
        return record;
    }

    private CloudflareRow.Record fill(CloudflareRow.Record record, ObjectNode body, boolean whole) {
        new DnsRecordFields(zone, state.knobs, body).write(record, whole);
        checkConflicts(record);
        record.modified = state.now();
        changed.put(record.id, record);
        return record;
    }

    CloudflareRow.Record find(String id) {
        var record = changed.containsKey(id) ? changed.get(id) : stored(id).orElse(null);
        if (record == null) throw CloudflareApiError.noSuchRecord();
        return record;
    }

    private Optional<CloudflareRow.Record> stored(String id) {
        return stored().filter(record -> record.id.equals(id)).findFirst();
    }

    private Stream<CloudflareRow.Record> stored() {
        return state.tables.all(CloudflareRow.Record.class).filter(record -> record.zone.equals(zone.id()));
    }

    Stream<CloudflareRow.Record> records() {
        return Stream.concat(
                stored().filter(record -> !changed.containsKey(record.id)),
                changed.values().stream().filter(record -> record != null));
    }

    /** A name has one CNAME and nothing beside it, or other records of differing content. */
    private void checkConflicts(CloudflareRow.Record record) {
        var others = records()
                .filter(other -> !other.id.equals(record.id) && other.name.equals(record.name))
                .toList();
        if (others.stream().anyMatch(other -> other.type.equals(record.type) && other.content.equals(record.content))) {
            throw new CloudflareApiError(400, 81058, "An identical record already exists.");
        }
        boolean hasAddress = others.stream().anyMatch(other -> other.type.matches("A|AAAA|CNAME"));
        if (record.type.equals("CNAME") && hasAddress) {
            throw new CloudflareApiError(400, 81053, "An A, AAAA, or CNAME record with that host already exists.");
        }
        boolean hasAlias = others.stream().anyMatch(other -> other.type.equals("CNAME"));
        if (record.type.matches("A|AAAA") && hasAlias) {
            throw new CloudflareApiError(400, 81054, "A CNAME record with that host already exists.");
        }
    }
}
