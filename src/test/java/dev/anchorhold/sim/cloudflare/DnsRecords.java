package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.function.Function;

/** Handlers of {@code /zones/{zone_id}/dns_records} (providers.md B.2). */
final class DnsRecords {
    private static final String PATH = "/zones/{zone_id}/dns_records";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ONE = PATH + "/{record_id}";

    private final CloudflareState state;
    private final Zones zones;

    DnsRecords(CloudflareState state, Router<CloudflareRequest> router, Zones zones) {
        this.state = state;
        this.zones = zones;
        router.add("GET", PATH, this::list);
        router.add("POST", PATH, request -> changed(request, records -> json(records.create(request.body()))));
        router.add("POST", PATH + "/batch", request -> changed(request, records -> batch(records, request.body())));
        router.add("GET", ONE, request -> Envelope.of(json(records(request).find(id(request)))));
        router.add(
                "PUT",
                ONE,
                request -> changed(request, records -> json(records.change(id(request), request.body(), true))));
        router.add(
                "PATCH",
                ONE,
                request -> changed(request, records -> json(records.change(id(request), request.body(), false))));
        router.add(
                "DELETE",
                ONE,
                request -> changed(
                        request, records -> ApiResponse.Json.object().put("id", records.delete(id(request)).id)));
    }

    private static String id(CloudflareRequest request) {
        return request.path().get("record_id");
    }

    private DnsRecordBatch records(CloudflareRequest request) {
        return new DnsRecordBatch(state, zones.own(request));
    }

    private ApiResponse changed(CloudflareRequest request, Function<DnsRecordBatch, ObjectNode> change) {
        var records = records(request);
        var result = change.apply(records);
        records.save();
        return Envelope.of(result);
    }

    private ApiResponse list(CloudflareRequest request) {
        var filter = new DnsRecordFilter(request);
        var shown = records(request)
                .records()
                .filter(state::listed)
                .filter(filter::shows)
                .sorted(filter.order())
                .toList();
        return Envelope.page(request, 100, 5_000_000, shown, DnsRecords::json);
    }

    /** Always in this order, and all or nothing. */
    private static ObjectNode batch(DnsRecordBatch records, ObjectNode body) {
        var result = ApiResponse.Json.object();
        each(body, result, "deletes", it -> records.delete(it.path("id").asText()));
        each(body, result, "patches", it -> records.change(it.path("id").asText(), it, false));
        each(body, result, "puts", it -> records.change(it.path("id").asText(), it, true));
        each(body, result, "posts", records::create);
        return result;
    }

    private static void each(
            ObjectNode body, ObjectNode result, String what, Function<ObjectNode, CloudflareRow.Record> change) {
        var done = result.putArray(what);
        for (JsonNode item : body.path(what)) {
            if (!(item instanceof ObjectNode object)) throw CloudflareApiError.invalid(what + " must be objects");
            done.add(json(change.apply(object)));
        }
    }

    private static ObjectNode json(CloudflareRow.Record record) {
        var json = ApiResponse.Json.object()
                .put("id", record.id)
                .put("name", record.name)
                .put("type", record.type)
                .put("content", record.content)
                .put("proxiable", DnsRecordFields.proxiable(record.type))
                .put("proxied", record.proxied)
                .put("ttl", record.ttl);
        if (record.data != null) json.set("data", JSON.valueToTree(record.data));
        if (record.priority != null) json.put("priority", record.priority);
        json.putObject("settings");
        json.putObject("meta");
        json.put("comment", record.comment);
        var tags = json.putArray("tags");
        record.tags.forEach(tags::add);
        return json.put("created_on", CloudflareState.time(record.created))
                .put("modified_on", CloudflareState.time(record.modified));
    }
}
