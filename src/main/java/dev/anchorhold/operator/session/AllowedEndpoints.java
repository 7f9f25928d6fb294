package dev.anchorhold.operator.session;

import dev.anchorhold.resource.Reasons;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses besides the clouds' own to which the installation lets ProviderConfigs send their tokens:
 * {@code SCHEME://HOST[:PORT]}, where the port may be {@code *}.
 */
public record AllowedEndpoints(Set<String> origins) {

    /** Why nothing is sent there; empty when it is the cloud's own address, or allowed. */
    Optional<CloudSessions.Unusable> refusal(String provider, String section, String endpoint, String cloudsOwn) {
        return endpoint.equals(cloudsOwn) || allows(URI.create(endpoint))
                ? Optional.empty()
                : Optional.of(new CloudSessions.Unusable(
                        Reasons.ENDPOINT_NOT_ALLOWED,
                        "ProviderConfig '%s' spec.%s.endpoint: this installation sends tokens to %s alone; leave it out, or have the address added to the chart's value providers.endpoints"
                                .formatted(provider, section, cloudsOwn)));
    }

    private boolean allows(URI endpoint) {
        String host =
                "%s://%s".formatted(endpoint.getScheme(), endpoint.getHost()).toLowerCase(Locale.ROOT);
        return origins.contains(endpoint.getPort() < 0 ? host : host + ":" + endpoint.getPort())
                || origins.contains(host + ":*");
    }
}
