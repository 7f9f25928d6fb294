package dev.anchorhold.cloud.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.Dialect;
import dev.anchorhold.cloud.Redaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Maps Cloudflare's error codes to exception types, in this one place (providers.md B). */
final class CloudflareErrors {
    private CloudflareErrors() {}

    /** @param body the answer, which may be of another form than promised, or no JSON at all */
    static CloudException map(Dialect.ErrorResponse errorResponse, JsonNode body, List<String> confidential) {
        if (!body.path("success").isBoolean() || body.path("success").asBoolean()) return withoutCode(errorResponse);
        var first = body.path("errors").path(0);
        long code = first.path("code").asLong(0);
        var said = Redaction.clean(first.path("message").asText(""), confidential);
        var detail = new Detail(
                code == 0 ? "no_code" : Long.toString(code),
                "Cloudflare: %s (%d)"
                        .formatted(said.isEmpty() ? "refused with status " + errorResponse.status() : said, code),
                errorResponse.correlationId());
        return switch ((int) code) {
            case 1013 -> new CloudException.NameTaken(detail, List.of("name"));
            case 81053, 81054, 81057, 81058 -> new CloudException.NameTaken(detail, List.of("name"));
            case 1022, 1023 -> new CloudException.InUse(detail);
            case 81044 -> new CloudException.NotFound(detail);
            case 81045 -> new CloudException.Quota(detail, "dns_records");
            case 6003, 6111, 9106, 9109, 10000, 10001 -> new CloudException.Unauthorized(detail);
            case 7000, 7003 -> new CloudException.Invalid(detail, List.of("account", "zone"));
            case 971, 10100 -> limited(errorResponse, detail);
            default -> byStatus(errorResponse, detail, first);
        };
    }

    private static CloudException byStatus(Dialect.ErrorResponse errorResponse, Detail detail, JsonNode error) {
        return switch (errorResponse.status()) {
            case 401, 403 -> new CloudException.Unauthorized(detail);
            case 404 -> new CloudException.NotFound(detail); // the API's own word, in its envelope, for whatever code
            case 408 -> errorResponse.indeterminate(detail);
            case 409 -> new CloudException.Conflict(detail);
            case 429 -> limited(errorResponse, detail);
            default ->
                errorResponse.status() >= 500
                                || errorResponse.status() < 400 && detail.code().equals("no_code")
                        ? errorResponse.indeterminate(detail)
                        : new CloudException.Invalid(detail, chain(error));
        };
    }

    /** Whoever exceeds the limit is shut out from everything until the block ends, by default after five minutes (B.3). */
    private static CloudException limited(Dialect.ErrorResponse errorResponse, Detail detail) {
        return new CloudException.RateLimited(detail, errorResponse.blockedFor(block(errorResponse)));
    }

    private static Duration block(Dialect.ErrorResponse errorResponse) {
        try {
            long seconds =
                    Long.parseLong(errorResponse.headers().get("Retry-After").strip());
            return Duration.ofSeconds(Math.clamp(seconds, 1, 3600));
        } catch (NumberFormatException | NullPointerException e) {
            return Dialect.DEFAULT_BLOCK;
        }
    }

    private static CloudException withoutCode(Dialect.ErrorResponse errorResponse) {
        if (errorResponse.status() != 429) return errorResponse.withoutCode("Cloudflare");
        var detail = new Detail("no_code", "Cloudflare: too many calls", errorResponse.correlationId());
        return limited(errorResponse, detail);
    }

    private static List<String> chain(JsonNode error) {
        var said = new ArrayList<String>();
        for (var link : error.path("error_chain")) said.add(link.path("code").asText(""));
        return said;
    }
}
