package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** What a handler answers; a body of null is an empty one. */
record Answer(int status, ObjectNode body, Map<String, String> headers) {

    static final Answer EMPTY = new Answer(204, null, Map.of());

    static Answer ok(ObjectNode body) {
        return new Answer(200, body, Map.of());
    }

    static Answer ok(String key, ObjectNode value) {
        return ok(Json.object().set(key, value));
    }

    static Answer created(ObjectNode body) {
        return new Answer(201, body, Map.of());
    }

    static Answer created(String key, ObjectNode value) {
        return created(Json.object().set(key, value));
    }

    static Answer of(ApiError error) {
        return new Answer(error.status, error.body(), Map.of());
    }

    /** Small words for building JSON. */
    static final class Json {
        private Json() {}

        static ObjectNode object() {
            return JsonNodeFactory.instance.objectNode();
        }
    }
}
