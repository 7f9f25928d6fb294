package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** An authenticated request, as a handler sees it. */
record HetznerRequest(
        SimulatedProject project,
        Map<String, String> path,
        Map<String, List<String>> query,
        ObjectNode body,
        String pathAndQuery) {

    long id(String name, String what) {
        try {
            return Long.parseLong(path.get(name));
        } catch (NumberFormatException e) {
            throw HetznerApiError.notFound(what, path.get(name));
        }
    }

    /** All values of a repeated parameter. */
    List<String> all(String name) {
        return query.getOrDefault(name, List.of());
    }

    String one(String name) {
        var values = all(name);
        return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
    }

    RequestFields input() {
        return new RequestFields(body);
    }
}
