package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Refusal;
import java.util.Map;

/** An answer of the form {@code {"success":false,"errors":[{code,message,error_chain}]…}} (providers.md B, B.2). */
final class CloudflareError extends Refusal {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int code;
    private final transient Map<Integer, String> chain;
    private final transient Map<String, String> headers;

    private CloudflareError(
            int status, int code, String message, Map<Integer, String> chain, Map<String, String> headers) {
        super(message);
        this.status = status;
        this.code = code;
        this.chain = chain;
        this.headers = headers;
    }

    CloudflareError(int status, int code, String message) {
        this(status, code, message, Map.of(), Map.of());
    }

    static CloudflareError notAuthenticated(int status) {
        return new CloudflareError(status, 10000, "Authentication error");
    }

    static CloudflareError badHeaders() {
        return new CloudflareError(
                400,
                6003,
                "Invalid request headers",
                Map.of(6111, "Invalid format for Authorization header"),
                Map.of());
    }

    static CloudflareError noRoute(String path) {
        return new CloudflareError(
                404,
                7003,
                "Could not route to %s, perhaps your object identifier is invalid?".formatted(path),
                Map.of(7000, "No route for that URI"),
                Map.of());
    }

    static CloudflareError tooManyRequests(long seconds) {
        return new CloudflareError(
                429,
                971,
                "Please wait and consider throttling your request speed",
                Map.of(),
                Map.of("Retry-After", "" + seconds));
    }

    static CloudflareError noSuchTunnel() {
        return new CloudflareError(404, 1003, "Tunnel not found");
    }

    static CloudflareError noSuchRecord() {
        return new CloudflareError(404, 81044, "Record does not exist.");
    }

    /** {@code 1004}, with what is really wrong in its chain. */
    static CloudflareError dnsValidation(int code, String message) {
        return new CloudflareError(400, 1004, "DNS Validation Error", Map.of(code, message), Map.of());
    }

    static CloudflareError invalid(String message) {
        return new CloudflareError(400, 1001, message);
    }

    static CloudflareError badConfiguration(String message) {
        return new CloudflareError(400, 1056, "Bad Configuration: " + message);
    }

    @Override
    public Answer answer() {
        var body = Answer.Json.object().put("success", false);
        var error = body.putArray("errors").addObject().put("code", code).put("message", getMessage());
        if (!chain.isEmpty()) {
            var links = error.putArray("error_chain");
            chain.forEach(
                    (number, text) -> links.addObject().put("code", number).put("message", text));
        }
        body.putArray("messages");
        body.putNull("result");
        return new Answer(status, body, headers);
    }
}
