package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.function.Function;

/** {@code /zones/{zone_id}/dns_records} (providers.md B.2). */
final class Records {
    private static final String PATH = "/zones/{zone_id}/dns_records";
    private static final String ONE = PATH + "/{record_id}";

    private final Estate estate;
    private final Zones zones;

    Records(Estate estate, Router<Call> router, Zones zones) {
        this.estate = estate;
        this.zones = zones;
        router.add("GET", PATH, this::list);
        router.add("POST", PATH, call -> changed(call, records -> json(records.create(call.body()))));
        router.add("POST", PATH + "/batch", call -> changed(call, records -> batch(records, call.body())));
        router.add("GET", ONE, call -> Envelope.of(json(records(call).find(id(call)))));
        router.add("PUT", ONE, call -> changed(call, records -> json(records.change(id(call), call.body(), true))));
        router.add("PATCH", ONE, call -> changed(call, records -> json(records.change(id(call), call.body(), false))));
        router.add(
                "DELETE",
                ONE,
                call -> changed(call, records -> Answer.Json.object().put("id", records.delete(id(call)).id)));
    }

    private static String id(Call call) {
        return call.path().get("record_id");
    }

    private RecordSet records(Call call) {
        return new RecordSet(estate, zones.own(call));
    }

    private Answer changed(Call call, Function<RecordSet, ObjectNode> change) {
        var records = records(call);
        var result = change.apply(records);
        records.keep();
        return Envelope.of(result);
    }

    private Answer list(Call call) {
        var filter = new RecordFilter(call);
        var shown = records(call)
                .records()
                .filter(estate::listed)
                .filter(filter::shows)
                .sorted(filter.order())
                .toList();
        return Envelope.page(call, 100, 5_000_000, shown, Records::json);
    }

    /** Always in this order, and all or nothing. */
    private static ObjectNode batch(RecordSet records, ObjectNode body) {
        var result = Answer.Json.object();
        each(body, result, "deletes", it -> records.delete(it.path("id").asText()));
        each(body, result, "patches", it -> records.change(it.path("id").asText(), it, false));
        each(body, result, "puts", it -> records.change(it.path("id").asText(), it, true));
        each(body, result, "posts", records::create);
        return result;
    }

    private static void each(ObjectNode body, ObjectNode result, String what, Function<ObjectNode, Row.Record> change) {
        var done = result.putArray(what);
        for (JsonNode item : body.path(what)) {
            if (!(item instanceof ObjectNode object)) throw CloudflareError.invalid(what + " must be objects");
            done.add(json(change.apply(object)));
        }
    }

    private static ObjectNode json(Row.Record record) {
        var json = Answer.Json.object()
                .put("id", record.id)
                .put("name", record.name)
                .put("type", record.type)
                .put("content", record.content)
                .put("proxiable", RecordFields.proxiable(record.type))
                .put("proxied", record.proxied)
                .put("ttl", record.ttl);
        if (record.priority != null) json.put("priority", record.priority);
        json.putObject("settings");
        json.putObject("meta");
        json.put("comment", record.comment);
        var tags = json.putArray("tags");
        record.tags.forEach(tags::add);
        return json.put("created_on", Estate.time(record.created)).put("modified_on", Estate.time(record.modified));
    }
}
