package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * An authenticated request, as a handler sees it.
 *
 * @param account whose token it bears
 */
record CloudflareRequest(
        SimulatedAccount account,
        String token,
        Map<String, String> path,
        Map<String, List<String>> query,
        ObjectNode body) {

    /** Null when it is absent or empty. */
    String one(String name) {
        var values = query.getOrDefault(name, List.of());
        return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
    }

    /** A field of the body that must be a string; null when absent. */
    String text(String field) {
        JsonNode value = body.path(field);
        if (value.isMissingNode() || value.isNull()) return null;
        if (!value.isTextual()) throw CloudflareApiError.invalid("%s must be a string".formatted(field));
        return value.asText();
    }

    int number(String name, int defaultValue, int max) {
        String given = one(name);
        if (given == null) return defaultValue;
        try {
            int number = (int) Double.parseDouble(given);
            if (number >= 1) return Math.min(number, max);
        } catch (NumberFormatException e) {
            // refused below
        }
        throw CloudflareApiError.invalid("%s must be a positive number".formatted(name));
    }
}
