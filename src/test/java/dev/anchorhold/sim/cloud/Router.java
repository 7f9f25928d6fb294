package dev.anchorhold.sim.cloud;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Finds the handler for a method and a path. Templates such as {@code /servers/{id}}; a literal wins over a parameter.
 *
 * @param <C> a request as the cloud's handlers see it
 */
public final class Router<C> {
    /** @param template as registered, for the log, for faults and for counting */
    public record Route<C>(String method, String template, Function<C, ApiResponse> handler) {}

    public record Match<C>(Route<C> route, Map<String, String> path) {}

    private record Entry<C>(String[] segments, Route<C> route) {}

    private final Map<Integer, List<Entry<C>>> bySegments = new HashMap<>();
    private final Function<String, SimulatedApiError> wrongMethod;

    /** @param wrongMethod what is answered where there is such a path, but not with that method */
    public Router(Function<String, SimulatedApiError> wrongMethod) {
        this.wrongMethod = wrongMethod;
    }

    public void add(String method, String template, Function<C, ApiResponse> handler) {
        String[] segments = template.substring(1).split("/");
        var entries = bySegments.computeIfAbsent(segments.length, _ -> new ArrayList<>());
        entries.add(new Entry<>(segments, new Route<>(method, template, handler)));
        entries.sort((a, b) -> Integer.compare(parameters(a.segments), parameters(b.segments)));
    }

    private static int parameters(String[] segments) {
        int count = 0;
        for (String segment : segments) if (segment.startsWith("{")) count++;
        return count;
    }

    /** Null when there is no such path; throws when there is, with other methods. */
    public Match<C> match(String method, String path) {
        String[] segments = path.substring(1).split("/");
        boolean known = false;
        for (var entry : bySegments.getOrDefault(segments.length, List.of())) {
            if (!fits(entry.segments, segments)) continue;
            known = true;
            if (entry.route.method().equals(method))
                return new Match<>(entry.route, parameters(entry.segments, segments));
        }
        if (known) throw wrongMethod.apply(method);
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
