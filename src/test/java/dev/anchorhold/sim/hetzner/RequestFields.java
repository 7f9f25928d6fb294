package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads a request's body field by field; a field of the wrong type is refused as {@code invalid_input}. */
record RequestFields(ObjectNode body) {

    boolean has(String field) {
        return body.hasNonNull(field);
    }

    JsonNode get(String field) {
        return body.path(field);
    }

    RequestFields within(String field) {
        if (!has(field)) return new RequestFields(body.objectNode());
        if (!(body.get(field) instanceof ObjectNode inner)) throw HetznerApiError.invalid(field, "must be an object");
        return new RequestFields(inner);
    }

    /** Null when absent. */
    String text(String field) {
        if (!has(field)) return null;
        if (!body.get(field).isTextual()) throw HetznerApiError.invalid(field, "must be a string");
        return body.get(field).asText();
    }

    String requiredText(String field) {
        String text = text(field);
        if (text == null || text.isEmpty()) throw missing(field);
        return text;
    }

    /** An id given as a number, or a name or id given as text. Null when absent. */
    String idOrName(String field) {
        if (!has(field)) return null;
        JsonNode value = body.get(field);
        if (value.isIntegralNumber() || value.isTextual()) return value.asText();
        throw HetznerApiError.invalid(field, "must be an ID or a name");
    }

    String requiredIdOrName(String field) {
        String value = idOrName(field);
        if (value == null || value.isEmpty()) throw missing(field);
        return value;
    }

    Long id(String field) {
        if (!has(field)) return null;
        if (!body.get(field).isIntegralNumber()) throw HetznerApiError.invalid(field, "must be an integer");
        return body.get(field).asLong();
    }

    long requiredId(String field) {
        Long id = id(field);
        if (id == null) throw missing(field);
        return id;
    }

    boolean flag(String field, boolean defaultValue) {
        if (!has(field)) return defaultValue;
        if (!body.get(field).isBoolean()) throw HetznerApiError.invalid(field, "must be a boolean");
        return body.get(field).asBoolean();
    }

    List<JsonNode> list(String field) {
        if (!has(field)) return List.of();
        if (!body.get(field).isArray()) throw HetznerApiError.invalid(field, "must be an array");
        var items = new ArrayList<JsonNode>();
        body.get(field).forEach(items::add);
        return items;
    }

    List<Long> ids(String field) {
        return list(field).stream()
                .map(item -> {
                    if (!item.isIntegralNumber()) throw HetznerApiError.invalid(field, "must be a list of integers");
                    return item.asLong();
                })
                .toList();
    }

    Map<String, String> labels() {
        return Labels.parse(body.get("labels"));
    }

    private static HetznerApiError missing(String field) {
        return HetznerApiError.invalid(field, "Missing data for required field.");
    }
}
