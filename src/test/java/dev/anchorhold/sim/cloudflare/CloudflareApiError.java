package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.SimulatedApiError;
import java.util.Map;

/** An error of the form {@code {"success":false,"errors":[{code,message,error_chain}]…}} (providers.md B, B.2). */
final class CloudflareApiError extends SimulatedApiError {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int code;
    private final transient Map<Integer, String> chain;
    private final transient Map<String, String> headers;

    private CloudflareApiError(
            int status, int code, String message, Map<Integer, String> chain, Map<String, String> headers) {
        super(message);
        this.status = status;
        this.code = code;
        this.chain = chain;
        this.headers = headers;
    }

    CloudflareApiError(int status, int code, String message) {
        this(status, code, message, Map.of(), Map.of());
    }

    static CloudflareApiError notAuthenticated(int status) {
        return new CloudflareApiError(status, 10000, "Authentication error");
    }

    static CloudflareApiError badHeaders() {
        return new CloudflareApiError(
                400,
                6003,
                "Invalid request headers",
                Map.of(6111, "Invalid format for Authorization header"),
                Map.of());
    }

    static CloudflareApiError noRoute(String path) {
        return new CloudflareApiError(
                404,
                7003,
                "Could not route to %s, perhaps your object identifier is invalid?".formatted(path),
                Map.of(7000, "No route for that URI"),
                Map.of());
    }

    static CloudflareApiError tooManyRequests(long seconds) {
        return new CloudflareApiError(
                429,
                971,
                "Please wait and consider throttling your request speed",
                Map.of(),
                Map.of("Retry-After", "" + seconds));
    }

    static CloudflareApiError noSuchTunnel() {
        return new CloudflareApiError(404, 1003, "Tunnel not found");
    }

    static CloudflareApiError noSuchRecord() {
        return new CloudflareApiError(404, 81044, "Record does not exist.");
    }

    /** {@code 1004}, with the cause in its chain. */
    static CloudflareApiError dnsValidation(int code, String message) {
        return new CloudflareApiError(400, 1004, "DNS Validation Error", Map.of(code, message), Map.of());
    }

    static CloudflareApiError invalid(String message) {
        return new CloudflareApiError(400, 1001, message);
    }

    static CloudflareApiError badConfiguration(String message) {
        return new CloudflareApiError(400, 1056, "Bad Configuration: " + message);
    }

    @Override
    public ApiResponse response() {
        var body = ApiResponse.Json.object().put("success", false);
        var error = body.putArray("errors").addObject().put("code", code).put("message", getMessage());
        if (!chain.isEmpty()) {
            var links = error.putArray("error_chain");
            chain.forEach(
                    (number, text) -> links.addObject().put("code", number).put("message", text));
        }
        body.putArray("messages");
        body.putNull("result");
        return new ApiResponse(status, body, headers);
    }
}
