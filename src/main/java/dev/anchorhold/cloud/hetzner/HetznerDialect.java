package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Dialect;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.TolerantJson;
import java.io.IOException;
import java.util.List;
import okhttp3.Headers;

/** Hetzner's rate limit headers and error format (providers.md A.10, A.11). */
final class HetznerDialect implements Dialect {
    private final ObjectMapper json = TolerantJson.mapper();

    @Override
    public String cloud() {
        return "hetzner";
    }

    @Override
    public String name() {
        return "Hetzner Cloud";
    }

    @Override
    public ObjectMapper json() {
        return json;
    }

    @Override
    public String correlationHeader() {
        return "X-Correlation-Id";
    }

    @Override
    public boolean settleBudget(RateBudget budget, RateBudget.Granted granted, Headers headers) {
        try {
            int limit = Integer.parseInt(headers.get("RateLimit-Limit"));
            int remaining = Integer.parseInt(headers.get("RateLimit-Remaining"));
            budget.settle(granted, limit, remaining);
            return true;
        } catch (NumberFormatException e) {
            return false; // an answer from something in between
        }
    }

    @Override
    public boolean isError(byte[] body) {
        return false;
    }

    @Override
    public CloudException toException(ErrorResponse errorResponse, byte[] body, List<String> confidential) {
        return HetznerErrors.map(errorResponse, errorIn(body), confidential);
    }

    private JsonNode errorIn(byte[] bytes) {
        try {
            var error = json.readTree(bytes).path("error");
            return error.path("code").isTextual() ? error : null;
        } catch (IOException e) {
            return null;
        }
    }
}
