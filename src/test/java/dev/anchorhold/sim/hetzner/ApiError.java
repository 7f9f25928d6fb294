package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Refusal;

/** An answer of the form {@code {"error":{code,message,details}}} (providers.md A.10). */
final class ApiError extends Refusal {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;
    final transient ObjectNode details;

    ApiError(int status, String code, String message, ObjectNode details) {
        super(message);
        this.status = status;
        this.code = code;
        this.details = details;
    }

    ApiError(int status, String code, String message) {
        this(status, code, message, null);
    }

    static ApiError wrongMethod(String method) {
        return new ApiError(405, "method_not_allowed", "method %s is not allowed here".formatted(method));
    }

    static ApiError notFound(String what, Object id) {
        return new ApiError(404, "not_found", "%s with ID '%s' not found".formatted(what, id));
    }

    static ApiError invalid(String field, String message) {
        var details = JsonNodeFactory.instance.objectNode();
        var entry = details.putArray("fields").addObject().put("name", field);
        entry.putArray("messages").add(message);
        return new ApiError(422, "invalid_input", "invalid input in field '%s'".formatted(field), details);
    }

    static ApiError taken(String field, String message) {
        var details = JsonNodeFactory.instance.objectNode();
        details.putArray("fields").addObject().put("name", field);
        return new ApiError(409, "uniqueness_error", message, details);
    }

    static ApiError limit(String limit, String message) {
        var details = JsonNodeFactory.instance.objectNode();
        details.putArray("limits").addObject().put("name", limit);
        return new ApiError(403, "resource_limit_exceeded", message, details);
    }

    static ApiError locked(String what) {
        return new ApiError(423, "locked", "%s is locked".formatted(what));
    }

    static ApiError protectedFrom(String what) {
        return new ApiError(423, "protected", "%s is protected".formatted(what));
    }

    static ApiError unprocessable(String code, String message) {
        return new ApiError(422, code, message);
    }

    @Override
    public Answer answer() {
        var body = JsonNodeFactory.instance.objectNode();
        var error = body.putObject("error").put("code", code).put("message", getMessage());
        error.set("details", details == null ? JsonNodeFactory.instance.nullNode() : details);
        return Answer.of(status, body);
    }
}
