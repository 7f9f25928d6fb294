package dev.anchorhold.sim.cloud;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** An HTTP response as a handler returns it: status, JSON body (null for none) and headers. */
public record ApiResponse(int status, ObjectNode body, Map<String, String> headers) {

    public static final ApiResponse EMPTY = new ApiResponse(204, null, Map.of());

    public static ApiResponse of(int status, ObjectNode body) {
        return new ApiResponse(status, body, Map.of());
    }

    public static ApiResponse ok(ObjectNode body) {
        return of(200, body);
    }

    public static ApiResponse ok(String key, ObjectNode value) {
        return ok(Json.object().set(key, value));
    }

    public static ApiResponse created(ObjectNode body) {
        return of(201, body);
    }

    public static ApiResponse created(String key, ObjectNode value) {
        return created(Json.object().set(key, value));
    }

    /** Builds JSON nodes. */
    public static final class Json {
        private Json() {}

        public static ObjectNode object() {
            return JsonNodeFactory.instance.objectNode();
        }
    }
}
