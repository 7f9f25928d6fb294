package dev.anchorhold.cloud.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Dialect;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.TolerantJson;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import okhttp3.Headers;

/** Cloudflare's rate limit headers and error format (providers.md B, B.3). */
final class CloudflareDialect implements Dialect {
    private static final Pattern LEFT = Pattern.compile("r=(\\d{1,9})");
    private static final Pattern QUOTA = Pattern.compile("q=(\\d{1,9})");

    private final ObjectMapper json = TolerantJson.mapper();

    @Override
    public String cloud() {
        return "cloudflare";
    }

    @Override
    public String name() {
        return "Cloudflare";
    }

    @Override
    public ObjectMapper json() {
        return json;
    }

    @Override
    public String correlationHeader() {
        return "CF-Ray";
    }

    /** {@code Ratelimit: "default";r=50;t=30}, and the whole of it in {@code Ratelimit-Policy: "default";q=1200;w=300}. */
    @Override
    public boolean settleBudget(RateBudget budget, RateBudget.Granted granted, Headers headers) {
        var left = number(LEFT, headers.get("Ratelimit"));
        if (left < 0) return false;
        var quota = number(QUOTA, headers.get("Ratelimit-Policy"));
        budget.settleAtMost(granted, quota > 0 ? (double) left / quota : left / 1200.0);
        return true;
    }

    private static long number(Pattern pattern, String header) {
        if (header == null) return -1;
        var found = pattern.matcher(header);
        return found.find() ? Long.parseLong(found.group(1)) : -1;
    }

    /** A good status with {@code success: false} is possible; what is not in the envelope is something else's answer. */
    @Override
    public boolean isError(byte[] body) {
        return !tree(body).path("success").asBoolean(false);
    }

    @Override
    public CloudException toException(ErrorResponse errorResponse, byte[] body, List<String> confidential) {
        return CloudflareErrors.map(errorResponse, tree(body), confidential);
    }

    private JsonNode tree(byte[] body) {
        try {
            return json.readTree(body);
        } catch (IOException e) {
            return json.missingNode();
        }
    }
}
