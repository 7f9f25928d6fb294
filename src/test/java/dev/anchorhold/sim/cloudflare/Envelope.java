package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import java.util.List;
import java.util.function.Function;

/** The JSON around every result: success, errors, messages, paging (providers.md B). */
final class Envelope {
    private Envelope() {}

    /** @param result may be null */
    static ApiResponse of(JsonNode result) {
        var body = ApiResponse.Json.object().put("success", true);
        body.putArray("errors");
        body.putArray("messages");
        body.set("result", result == null ? JsonNodeFactory.instance.nullNode() : result);
        return ApiResponse.ok(body);
    }

    /** One page of the rows, by the request's {@code page} and {@code per_page}. */
    static <T> ApiResponse page(
            CloudflareRequest request, int perPage, int max, List<T> rows, Function<T, ObjectNode> render) {
        int page = request.number("page", 1, Integer.MAX_VALUE);
        int size = request.number("per_page", perPage, max);
        var items = JsonNodeFactory.instance.arrayNode();
        rows.stream().skip((long) (page - 1) * size).limit(size).map(render).forEach(items::add);
        var response = of(items);
        response.body()
                .putObject("result_info")
                .put("page", page)
                .put("per_page", size)
                .put("count", items.size())
                .put("total_count", rows.size())
                .put("total_pages", (rows.size() + size - 1) / size);
        return response;
    }
}
