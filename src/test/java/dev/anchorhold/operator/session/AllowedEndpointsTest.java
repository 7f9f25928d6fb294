package dev.anchorhold.operator.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.Reasons;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the installation lets tokens be sent. */
class AllowedEndpointsTest {
    private static final String OWN = "https://api.hetzner.cloud/v1";
    private static final AllowedEndpoints ALLOWED = new AllowedEndpoints(
            Set.of("http://127.0.0.1:*", "https://proxy.example.org", "https://other.example.org:8443"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                OWN,
                "http://127.0.0.1:8080/v1",
                "http://127.0.0.1",
                "https://proxy.example.org/hetzner/v1",
                "https://PROXY.example.org/v1",
                "https://other.example.org:8443/v1"
            })
    void H12_the_clouds_own_address_and_what_the_installation_allows(String endpoint) {
        assertThat(ALLOWED.refusal("p", "hetzner", endpoint, OWN)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://api.hetzner.cloud/v1",
                "https://api.hetzner.cloud/v2",
                "https://api.hetzner.cloud.example.org/v1",
                "https://127.0.0.1:8080/v1",
                "http://127.0.0.11:8080/v1",
                "http://localhost:8080",
                "https://proxy.example.org:444/v1",
                "http://proxy.example.org/v1",
                "https://a.proxy.example.org/v1",
                "https://other.example.org/v1",
                "https://other.example.org:84430/v1"
            })
    void H12_and_nothing_else(String endpoint) {
        assertThat(ALLOWED.refusal("p", "hetzner", endpoint, OWN)).hasValueSatisfying(it -> {
            assertThat(it.reason()).isEqualTo(Reasons.ENDPOINT_NOT_ALLOWED);
            assertThat(it.message()).contains("'p' spec.hetzner.endpoint", OWN, "providers.endpoints");
        });
    }
}
