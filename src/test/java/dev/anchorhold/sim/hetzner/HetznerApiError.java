package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.SimulatedApiError;

/** An error of the form {@code {"error":{code,message,details}}} (providers.md A.10). */
final class HetznerApiError extends SimulatedApiError {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;
    final transient ObjectNode details;

    HetznerApiError(int status, String code, String message, ObjectNode details) {
        super(message);
        this.status = status;
        this.code = code;
        this.details = details;
    }

    HetznerApiError(int status, String code, String message) {
        this(status, code, message, null);
    }

    static HetznerApiError wrongMethod(String method) {
        return new HetznerApiError(405, "method_not_allowed", "method %s is not allowed here".formatted(method));
    }

    static HetznerApiError notFound(String what, Object id) {
        return new HetznerApiError(404, "not_found", "%s with ID '%s' not found".formatted(what, id));
    }

    static HetznerApiError invalid(String field, String message) {
        var details = JsonNodeFactory.instance.objectNode();
        var entry = details.putArray("fields").addObject().put("name", field);
        entry.putArray("messages").add(message);
        return new HetznerApiError(422, "invalid_input", "invalid input in field '%s'".formatted(field), details);
    }

    static HetznerApiError taken(String field, String message) {
        var details = JsonNodeFactory.instance.objectNode();
        details.putArray("fields").addObject().put("name", field);
        return new HetznerApiError(409, "uniqueness_error", message, details);
    }

    static HetznerApiError limit(String limit, String message) {
        var details = JsonNodeFactory.instance.objectNode();
        details.putArray("limits").addObject().put("name", limit);
        return new HetznerApiError(403, "resource_limit_exceeded", message, details);
    }

    static HetznerApiError locked(String what) {
        return new HetznerApiError(423, "locked", "%s is locked".formatted(what));
    }

    static HetznerApiError protectedFrom(String what) {
        return new HetznerApiError(423, "protected", "%s is protected".formatted(what));
    }

    static HetznerApiError unprocessable(String code, String message) {
        return new HetznerApiError(422, code, message);
    }

    @Override
    public ApiResponse response() {
        var body = JsonNodeFactory.instance.objectNode();
        var error = body.putObject("error").put("code", code).put("message", getMessage());
        error.set("details", details == null ? JsonNodeFactory.instance.nullNode() : details);
        return ApiResponse.of(status, body);
    }
}
