package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.Dialect;
import dev.anchorhold.cloud.Redaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Maps Hetzner's error codes to exception types, in this one place (providers.md A.10). */
final class HetznerErrors {
    private HetznerErrors() {}

    /** @param error the {@code error} object of the answer, or null if the body was not of the provider's form */
    static CloudException map(Dialect.ErrorResponse errorResponse, JsonNode error, List<String> confidential) {
        if (error == null) return errorResponse.withoutCode("Hetzner Cloud");
        var code = error.path("code").asText("");
        var said = Redaction.clean(error.path("message").asText(""), confidential);
        var detail = new Detail(
                code,
                "Hetzner Cloud: %s (%s)".formatted(said.isEmpty() ? code : said, code),
                errorResponse.correlationId());
        return switch (code) {
            case "unauthorized", "token_readonly", "forbidden" -> new CloudException.Unauthorized(detail);
            case "maintenance" -> new CloudException.RateLimited(detail, Dialect.DEFAULT_BLOCK);
            case "rate_limit_exceeded" ->
                new CloudException.RateLimited(detail, errorResponse.exhausted().get());
            case "resource_limit_exceeded", "limit_exceeded_error" ->
                new CloudException.Quota(detail, limit(error, said));
            case "not_found", "firewall_resource_not_found", "server_does_not_exist_anymore" ->
                new CloudException.NotFound(detail);
            case "uniqueness_error" -> new CloudException.NameTaken(detail, fields(error));
            case "conflict", "locked" -> new CloudException.Conflict(detail);
            case "resource_unavailable", "placement_error", "no_space_left_in_location" ->
                new CloudException.Capacity(detail);
            case "resource_in_use", "must_be_unassigned", "volume_already_attached" -> new CloudException.InUse(detail);
            case "service_error" ->
                stillInUse(said) ? new CloudException.InUse(detail) : new CloudException.Transient(detail, null);
            case "protected" -> new CloudException.Protected(detail);
            case "server_error", "unknown_error", "bad_gateway", "unavailable", "timeout" ->
                errorResponse.indeterminate(detail);
            default ->
                errorResponse.status() >= 500
                        ? errorResponse.indeterminate(detail)
                        : new CloudException.Invalid(detail, fields(error));
        };
    }

    private static boolean stillInUse(String said) {
        var text = said.toLowerCase(Locale.ROOT);
        return text.contains("still attached") || text.contains("in use");
    }

    private static List<String> fields(JsonNode error) {
        var names = new ArrayList<String>();
        for (var field : error.path("details").path("fields"))
            if (field.hasNonNull("name"))
                names.add(Redaction.clean(field.path("name").asText(), List.of()));
        return names;
    }

    private static String limit(JsonNode error, String said) {
        var named = error.path("details").path("limits").path(0).path("name").asText("");
        return named.isEmpty() ? said : Redaction.clean(named, List.of());
    }
}
