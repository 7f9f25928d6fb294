package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** One zone's records while they are changed: all changes are checked against each other, and kept together or not at all. */
final class RecordSet {
    private final Estate estate;
    private final Zone zone;
    /** By id; null for one that is deleted. */
    private final Map<String, Row.Record> changed = new HashMap<>();

    RecordSet(Estate estate, Zone zone) {
        this.estate = estate;
        this.zone = zone;
    }

    void keep() {
        changed.forEach((id, record) -> {
            if (record != null) estate.tables.put(record);
            else stored(id).ifPresent(estate.tables::remove);
        });
    }

    Row.Record create(ObjectNode body) {
        if (records().count() >= estate.knobs.recordLimit) {
            throw new CloudflareError(400, 81045, "Record quota exceeded.");
        }
        var record = estate.born(new Row.Record(), UUID.randomUUID().toString().replace("-", ""));
        record.zone = zone.id();
        return fill(record, body, true);
    }

    /** @param whole what is not given takes its default, rather than stay as it is */
    Row.Record change(String id, ObjectNode body, boolean whole) {
        return fill(find(id).copy(), body, whole);
    }

    Row.Record delete(String id) {
        var record = find(id);
        changed.put(id, null);
        return record;
    }

    private Row.Record fill(Row.Record record, ObjectNode body, boolean whole) {
        new RecordFields(zone, estate.knobs, body).write(record, whole);
        refuseConflict(record);
        record.modified = estate.now();
        changed.put(record.id, record);
        return record;
    }

    Row.Record find(String id) {
        var record = changed.containsKey(id) ? changed.get(id) : stored(id).orElse(null);
        if (record == null) throw CloudflareError.noSuchRecord();
        return record;
    }

    private Optional<Row.Record> stored(String id) {
        return stored().filter(record -> record.id.equals(id)).findFirst();
    }

    private Stream<Row.Record> stored() {
        return estate.tables.all(Row.Record.class).filter(record -> record.zone.equals(zone.id()));
    }

    Stream<Row.Record> records() {
        return Stream.concat(
                stored().filter(record -> !changed.containsKey(record.id)),
                changed.values().stream().filter(record -> record != null));
    }

    /** A name has one CNAME and nothing beside it, or other records of differing content. */
    private void refuseConflict(Row.Record record) {
        var others = records()
                .filter(other -> !other.id.equals(record.id) && other.name.equals(record.name))
                .toList();
        if (others.stream().anyMatch(other -> other.type.equals(record.type) && other.content.equals(record.content))) {
            throw new CloudflareError(400, 81058, "An identical record already exists.");
        }
        boolean hasAddress = others.stream().anyMatch(other -> other.type.matches("A|AAAA|CNAME"));
        if (record.type.equals("CNAME") && hasAddress) {
            throw new CloudflareError(400, 81053, "An A, AAAA, or CNAME record with that host already exists.");
        }
        boolean hasAlias = others.stream().anyMatch(other -> other.type.equals("CNAME"));
        if (record.type.matches("A|AAAA") && hasAlias) {
            throw new CloudflareError(400, 81054, "A CNAME record with that host already exists.");
        }
    }
}
