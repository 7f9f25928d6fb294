package dev.anchorhold.sim.hetzner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Which handler answers a method and path. Templates such as {@code /servers/{id}}; a literal wins over a parameter. */
final class Router {
    /** @param template as registered, for the log, for faults and for counting */
    record Route(String method, String template, Function<Call, Answer> handler) {}

    record Match(Route route, Map<String, String> path) {}

    private record Entry(String[] segments, Route route) {}

    private final Map<Integer, List<Entry>> bySegments = new HashMap<>();

    void add(String method, String template, Function<Call, Answer> handler) {
        String[] segments = template.substring(1).split("/");
        var entries = bySegments.computeIfAbsent(segments.length, _ -> new ArrayList<>());
        entries.add(new Entry(segments, new Route(method, template, handler)));
        entries.sort((a, b) -> Integer.compare(parameters(a.segments), parameters(b.segments)));
    }

    private static int parameters(String[] segments) {
        int count = 0;
        for (String segment : segments) if (segment.startsWith("{")) count++;
        return count;
    }

    /** Null when there is no such path; {@code 405} when there is, with other methods. */
    Match match(String method, String path) {
        String[] segments = path.substring(1).split("/");
        boolean known = false;
        for (Entry entry : bySegments.getOrDefault(segments.length, List.of())) {
            if (!fits(entry.segments, segments)) continue;
            known = true;
            if (entry.route.method().equals(method))
                return new Match(entry.route, parameters(entry.segments, segments));
        }
        if (known) throw new ApiError(405, "method_not_allowed", "method %s is not allowed here".formatted(method));
        return null;
    }

    private static boolean fits(String[] template, String[] path) {
        for (int i = 0; i < template.length; i++) {
            if (!template[i].startsWith("{") && !template[i].equals(path[i])) return false;
        }
        return true;
    }

    private static Map<String, String> parameters(String[] template, String[] path) {
        var parameters = new HashMap<String, String>();
        for (int i = 0; i < template.length; i++) {
            if (template[i].startsWith("{")) {
                parameters.put(template[i].substring(1, template[i].length() - 1), path[i]);
            }
        }
        return parameters;
    }
}
