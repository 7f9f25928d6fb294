package dev.anchorhold.sim.cloud;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses a URL's query parameters: each name with all its values, in their order. */
public final class QueryString {
    private QueryString() {}

    static Map<String, List<String>> of(Iterable<Map.Entry<String, String>> parameters) {
        var query = new LinkedHashMap<String, List<String>>();
        parameters.forEach(
                p -> query.computeIfAbsent(p.getKey(), _ -> new ArrayList<>()).add(p.getValue()));
        return query;
    }

    public static Map<String, List<String>> of(URI uri) {
        if (uri.getRawQuery() == null) return Map.of();
        return of(Arrays.stream(uri.getRawQuery().split("&"))
                .map(pair -> pair.split("=", 2))
                .map(parts -> Map.entry(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : ""))
                .toList());
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
