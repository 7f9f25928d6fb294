package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.Dialect;
import dev.anchorhold.cloud.Redaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Maps Hetzner's error codes to exception types, in this one place (providers.md A.10). */
final class HetznerErrors {
    /** The codes of requests that are wrong as they are: repeated, they would be refused again. */
    private static final Set<String> REFUSED_AS_IT_IS = Set.of(
            "invalid_input",
            "json_error",
            "unsupported_error",
            "deprecated_api_endpoint",
            // servers
            "invalid_server_type",
            "networks_overlap",
            "server_already_attached",
            "primary_ip_assigned",
            "primary_ip_already_assigned",
            "primary_ip_datacenter_mismatch",
            "primary_ip_version_mismatch",
            "server_has_ipv4",
            "server_has_ipv6",
            "server_is_load_balancer_target",
            // firewalls
            "firewall_already_applied",
            "firewall_already_removed",
            "firewall_managed_by_label_selector",
            "incompatible_network_type",
            "private_net_only_server",
            "server_already_added",
            // networks, load balancers and certificates, of which we make none
            "ip_not_available",
            "no_subnet_available",
            "vswitch_id_already_used",
            "ip_not_owned",
            "source_port_already_used",
            "cloud_resource_ip_not_allowed",
            "server_not_attached_to_network",
            "target_already_defined",
            "invalid_load_balancer_type",
            "load_balancer_already_attached",
            "targets_without_use_private_ip",
            "load_balancer_not_attached_to_network",
            "missing_ipv4",
            "caa_record_does_not_allow_ca",
            "ca_dns_validation_failed",
            "ca_too_many_authorizations_failed_recently",
            "ca_too_many_certificates_issued_for_registered_domain",
            "ca_too_many_duplicate_certificates",
            "could_not_verify_domain_delegated_to_zone",
            "dns_zone_not_found",
            "dns_zone_is_secondary_zone");

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
            case "conflict", "locked", "server_not_stopped" -> new CloudException.Conflict(detail);
            case "resource_locked" -> new CloudException.Locked(detail);
            case "resource_unavailable", "placement_error", "no_space_left_in_location" ->
                new CloudException.Capacity(detail);
            case "resource_in_use", "must_be_unassigned", "volume_already_attached" -> new CloudException.InUse(detail);
            case "service_error" ->
                stillInUse(said) ? new CloudException.InUse(detail) : new CloudException.Transient(detail, null);
            case "protected" -> new CloudException.Protected(detail);
            case "server_error", "unknown_error", "bad_gateway", "unavailable", "timeout", "robot_unavailable" ->
                errorResponse.indeterminate(detail);
            case String known
            when REFUSED_AS_IT_IS.contains(known) -> new CloudException.Invalid(detail, fields(error));
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
