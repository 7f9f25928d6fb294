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

    private static final String CLOUDFLARE =
            "cloudflare: {accountId: 0123456789abcdef0123456789abcdef, zone: example.com, domain: agents.example.com,"
                    + " tokenSecretRef: {name: cf}, publicUrl: 'http://{host}:8080'}";

    static Stream<Arguments> wrong_cloudflare() {
        return Stream.of(
                arguments("0123456789abcdef0123456789abcdef", "x", "spec.cloudflare.accountId", "32"),
                arguments("example.com, domain", "Example, domain", "spec.cloudflare.zone", "such as example.com"),
                arguments("agents.example.com", "agentsexample.com", "spec.cloudflare", "or a name below it"),
                arguments("agents.example.com", "'-.example.com'", "spec.cloudflare.domain", "agents.example.com"),
                arguments("{host}:8080", "host", "spec.cloudflare.publicUrl", "https://{host}"),
                arguments("{name: cf}", "{name: C_F}", "spec.cloudflare.tokenSecretRef.name", "never here"),
                arguments("{accountId", "{endpoint: 'ftp://x', accountId", "spec.cloudflare.endpoint", "client/v4"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong_cloudflare(String right, String wrong, String field, String remedy) {
        assertThat(provider(HETZNER, SIZES, CLOUDFLARE.replace(right, wrong)).refusal())
                .get()
                .asString()
                .contains(field, remedy);
    }

    @Test
    void where_Agents_tunnels_are_is_fixed_for_life() {
        assertThat(provider(HETZNER, SIZES, CLOUDFLARE).refusal()).isEmpty();
        var without = provider(HETZNER, SIZES).create();
        try {
            assertThat(provider(HETZNER, SIZES, CLOUDFLARE).refusalOfChange()).isEmpty();
        } finally {
            without.delete();
        }
        var with = provider(HETZNER, SIZES, CLOUDFLARE).create();
        try {
            assertThat(provider(HETZNER, SIZES).refusalOfChange())
                    .get()
                    .asString()
                    .contains("never taken away");
            assertThat(provider(HETZNER, SIZES, CLOUDFLARE.replace("0123", "3210"))
                            .refusalOfChange())
                    .get()
                    .asString()
                    .contains("accountId is fixed for life");
            assertThat(provider(HETZNER, SIZES, CLOUDFLARE.replace("example.com", "example.org"))
                            .refusalOfChange())
                    .get()
                    .asString()
                    .contains("zone is fixed for life", "domain is fixed for life");
            assertThat(provider(HETZNER, SIZES, CLOUDFLARE.replace("name: cf", "name: other"))
                            .refusalOfChange())
                    .isEmpty();
        } finally {
            with.delete();
        }
    }

    @Test
    void what_is_not_said_is_filled_in() {
        var provider = provider(HETZNER, SIZES).accepted();

        assertThat(Manifest.at(provider, "spec.hetzner.tokenSecretRef.key")).isEqualTo("token");
        assertThat(Manifest.at(provider, "spec.regions.us")).isEqualTo("hil");
        assertThat(Manifest.at(provider, "spec.regions.eu")).isEqualTo("hel1");
        assertThat(Manifest.at(provider, "spec.firewalls")).isEqualTo("PerVm");
        assertThat(Manifest.at(provider, "spec.orphans")).isEqualTo("Report");
        assertThat(Manifest.at(provider, "spec.agentBaseImage")).isEqualTo("debian-12");
    }
}
