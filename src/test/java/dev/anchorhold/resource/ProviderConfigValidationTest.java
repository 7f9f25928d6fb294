package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderConfigValidationTest {
    private static final String HETZNER = "hetzner: {tokenSecretRef: {name: hetzner-token}}";
    private static final String SIZES = "sizes: [{name: small, eu: [cx23]}]";

    private static Manifest provider(String... lines) {
        return Manifest.of("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: ProviderConfig
                metadata: {name: valid}
                spec:
                %s""".formatted(String.join("\n", lines).indent(2)));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments(HETZNER, "sizes: []", "spec.sizes", "at least 1"),
                arguments(HETZNER, "sizes: [{name: small}]", "spec.sizes[0]", "at least one server type"),
                arguments(HETZNER, "sizes: [{name: small, eu: []}]", "spec.sizes[0]", "at least one server type"),
                arguments(HETZNER, "sizes: [{name: small, eu: ['CX 23']}]", "spec.sizes[0].eu", "such as cx23"),
                arguments(HETZNER, "sizes: [{name: 'x y', eu: [cx23]}]", "spec.sizes[0].name", "such as small"),
                arguments(HETZNER, SIZES.replace("[{", "[{name: small, us: [cpx11]}, {"), "spec.sizes[1]", "Duplicate"),
                arguments(HETZNER, SIZES + "\nregions: {us: 'hil; rm'}", "spec.regions.us", "such as hil"),
                arguments(HETZNER, SIZES + "\nregions: {asia: sin}", "spec.regions.asia", "unknown field"),
                arguments(HETZNER, SIZES + "\nfirewalls: Shared", "spec.firewalls", "\"ByContent\", \"PerVm\""),
                arguments(HETZNER, SIZES + "\norphans: Adopt", "spec.orphans", "\"Delete\", \"Report\""),
                arguments("hetzner: {}", SIZES, "spec.hetzner.tokenSecretRef", "Required"),
                arguments(
                        "hetzner: {tokenSecretRef: {name: Abc_def}}",
                        SIZES,
                        "spec.hetzner.tokenSecretRef.name",
                        "goes into the Secret, never here"),
                arguments(
                        "hetzner: {tokenSecretRef: {name: a, key: 'a/b'}}",
                        SIZES,
                        "spec.hetzner.tokenSecretRef.key",
                        "letters, digits"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong(String hetzner, String rest, String field, String remedy) {
        assertThat(provider(hetzner, rest).refusal()).get().asString().contains(field, remedy);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api.hetzner.cloud",
                "ftp://api.hetzner.cloud/v1",
                "https://",
                "https:///v1",
                "https://user:password@api.hetzner.cloud/v1",
                "https://api.hetzner.cloud/v1?token=abc",
                "https://api.hetzner.cloud/v1#x",
                "https://api.hetzner.cloud:99999/v1",
                "https://api.hetzner.cloud:0/v1",
                "https://api.hetzner.cloud/v1\\nHost: evil",
                "https://[::1/v1",
                "https://a..b/v1",
                "https://-a.b/v1",
                "https://evil\\\\@api.hetzner.cloud/"
            })
    void an_endpoint_that_is_none_is_refused(String endpoint) {
        assertThat(provider("hetzner: {endpoint: \"%s\", tokenSecretRef: {name: a}}".formatted(endpoint), SIZES)
                        .refusal())
                .get()
                .asString()
                .contains("spec.hetzner.endpoint", "https://api.hetzner.cloud/v1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://api.hetzner.cloud/v1", "http://127.0.0.1:8080/v1", "http://[::1]:8080/v1/"})
    void an_endpoint_is_accepted(String endpoint) {
        assertThat(provider("hetzner: {endpoint: \"%s\", tokenSecretRef: {name: a}}".formatted(endpoint), SIZES)
                        .refusal())
                .isEmpty();
        assertThat(HttpUrl.parse(endpoint)).as("our client reads it too").isNotNull();
    }

    @Test
    void what_is_not_said_is_filled_in() {
        var provider = provider(HETZNER, SIZES).accepted();

        assertThat(Manifest.at(provider, "spec.hetzner.tokenSecretRef.key")).isEqualTo("token");
        assertThat(Manifest.at(provider, "spec.regions.us")).isEqualTo("hil");
        assertThat(Manifest.at(provider, "spec.regions.eu")).isEqualTo("hel1");
        assertThat(Manifest.at(provider, "spec.firewalls")).isEqualTo("PerVm");
        assertThat(Manifest.at(provider, "spec.orphans")).isEqualTo("Report");
    }
}
