package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Filters, sorts and pages any list (providers.md A.2). */
final class ListEndpoint {
    private static final int MAX_PER_PAGE = 50;

    static final Map<String, Comparator<HetznerRow>> BY_ID_NAME_CREATED = Map.of(
            "id", Comparator.comparingLong(row -> row.id),
            "name", Comparator.comparing(row -> row.name),
            "created", Comparator.comparing(row -> row.created));

    private ListEndpoint() {}

    /** Rows of the request's project by {@code name}, {@code label_selector}, {@code sort} and page. */
    static <T extends HetznerRow> ApiResponse of(
            HetznerRequest request, Instant now, String key, Stream<T> rows, Function<T, ? extends JsonNode> render) {
        Stream<T> wanted = rows.filter(row -> row.project == request.project().id);
        String name = request.one("name");
        if (name != null) wanted = wanted.filter(row -> name.equals(row.name));
        String selector = request.one("label_selector");
        if (selector != null) {
            var parsed = LabelSelector.parse(selector);
            wanted = wanted.filter(row -> {
                var labels = indexedLabels(row, now);
                return labels != null && parsed.test(labels);
            });
        }
        return page(request, key, sorted(request, wanted.toList(), BY_ID_NAME_CREATED), render);
    }

    /** The row's labels in the index, which may lag; null while the row is not in it. */
    private static Map<String, String> indexedLabels(HetznerRow row, Instant now) {
        boolean lagging = row.indexedUntil != null && now.isBefore(row.indexedUntil);
        return lagging ? row.indexedLabels : row.labels;
    }

    static <R, T extends R> List<T> sorted(HetznerRequest request, List<T> rows, Map<String, Comparator<R>> orders) {
        Comparator<R> order = null;
        for (String sort : request.all("sort")) {
            String[] parts = sort.split(":", 2);
            Comparator<R> one = orders.get(parts[0]);
            boolean descending = parts.length == 2 && parts[1].equals("desc");
            if (one == null || (parts.length == 2 && !descending && !parts[1].equals("asc"))) {
                throw HetznerApiError.invalid("sort", "'%s' is not a valid order".formatted(sort));
            }
            if (descending) one = one.reversed();
            order = order == null ? one : order.thenComparing(one);
        }
        if (order == null) return rows;
        var sorted = new ArrayList<>(rows);
        sorted.sort(order);
        return sorted;
    }

    static <T> ApiResponse page(
            HetznerRequest request, String key, List<T> rows, Function<T, ? extends JsonNode> render) {
        int page = number(request, "page", 1);
        // What Hetzner does with more than 50 is not known [U]; we clamp.
        int perPage = Math.min(MAX_PER_PAGE, number(request, "per_page", 25));
        int last = Math.max(1, (rows.size() + perPage - 1) / perPage);
        ObjectNode body = ApiResponse.Json.object();
        var items = body.putArray(key);
        rows.stream()
                .skip((long) (page - 1) * perPage)
                .limit(perPage)
                .map(render)
                .forEach(items::add);
        var pagination = body.putObject("meta").putObject("pagination");
        pagination.put("page", page).put("per_page", perPage);
        pagination.put("previous_page", page > 1 ? (Integer) (page - 1) : null);
        pagination.put("next_page", page < last ? (Integer) (page + 1) : null);
        pagination.put("last_page", last).put("total_entries", rows.size());
        return new ApiResponse(200, body, Map.of("Link", links(request, page, last)));
    }

    private static int number(HetznerRequest request, String name, int defaultValue) {
        String given = request.one(name);
        if (given == null) return defaultValue;
        try {
            int number = Integer.parseInt(given);
            if (number >= 1) return number;
        } catch (NumberFormatException e) {
            // refused below
        }
        throw HetznerApiError.invalid(name, "must be a positive integer");
    }

    private static String links(HetznerRequest request, int page, int last) {
        var links = new ArrayList<String>();
        if (page > 1) links.add(link(request, page - 1, "prev"));
        if (page < last) links.add(link(request, page + 1, "next"));
        links.add(link(request, last, "last"));
        return String.join(", ", links);
    }

    private static String link(HetznerRequest request, int page, String relation) {
        String bare =
                request.pathAndQuery().replaceAll("([?&])page=[^&]*&?", "$1").replaceAll("[?&]$", "");
        String joint = bare.contains("?") ? "&" : "?";
        return "<%s%spage=%d>; rel=\"%s\"".formatted(bare, joint, page, relation);
    }
}
