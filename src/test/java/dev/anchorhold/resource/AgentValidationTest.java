package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.anchorhold.world.ControlPlane;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the API server refuses of Agents and their images before anything happens. */
class AgentValidationTest {
    private static final String GOOD = """
            account: acme
            size: small
            image: coder
            """;
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    private static Manifest agent(String name, String spec) {
        return Manifest.of("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: Agent
                metadata: {name: "%s", namespace: default}
                spec:
                %s""".formatted(name, spec.indent(2)));
    }

    private static Manifest image(String name, String repository, String digest, Object revision) {
        return Manifest.of("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: AgentImage
                metadata: {name: "%s"}
                spec: {repository: "%s", digest: "%s", revision: %s}
                """.formatted(name, repository, digest, revision));
    }

    /** The good manifest with one line put in the place of the field's own, if it has one. */
    private static String with(String line) {
        String field = line.substring(0, line.indexOf(':') + 1);
        return GOOD.lines().filter(l -> !l.startsWith(field)).reduce("", (a, b) -> a + b + "\n") + line;
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("account: Acme_Inc", "spec.account", "lower-case letters"),
                arguments("region: moon", "spec.region", "\"eu\", \"us\""),
                arguments("size: Small!", "spec.size", "such as small"),
                arguments("image: 'ghcr.io/acme/agent:1'", "spec.image", "the name of an AgentImage"),
                arguments("port: 0", "spec.port", "greater than or equal to 1"),
                arguments("port: 65536", "spec.port", "less than or equal to 65535"),
                arguments("operatingMode: Stopped", "spec.operatingMode", "\"Paused\", \"Running\""),
                arguments("pausePolicy: Sleep", "spec.pausePolicy", "\"PowerOff\", \"ReleaseServer\""),
                arguments("deletionPolicy: Keep", "spec.deletionPolicy", "\"Delete\", \"Orphan\""),
                arguments("shareLogs: some", "spec.shareLogs", "boolean"),
                arguments("dataVolume: {sizeGiB: 9}", "spec.dataVolume.sizeGiB", "greater than or equal to 10"),
                arguments("dataVolume: {sizeGiB: 10241}", "spec.dataVolume.sizeGiB", "less than or equal to 10240"),
                arguments("cloneOf: source", "spec", "leave them out"),
                arguments("cloneOf: So.Urce", "spec.cloneOf", "in the same namespace"),
                arguments("env: [{name: 1A, value: x}]", "spec.env[0].name", "letters, digits and '_'"),
                arguments("env: [{name: PORT, value: '1'}]", "spec.env[0].name", "PORT is set by spec.port"),
                arguments("env: [{name: A}]", "spec.env[0]", "either a value or a secretKeyRef"),
                arguments(
                        "env: [{name: A, value: x, secretKeyRef: {name: s, key: k}}]",
                        "spec.env[0]",
                        "either a value or a secretKeyRef"),
                arguments("env: [{name: A, value: x}, {name: A, value: y}]", "spec.env[1]", "Duplicate"),
                arguments("env: [{name: A, value: \"a\\0b\"}]", "spec.env[0].value", "NUL"),
                arguments("env: [{name: A, secretKeyRef: {name: S_, key: k}}]", "secretKeyRef.name", "Secret"),
                arguments(
                        "env: [{name: A, secretKeyRef: {name: s, key: 'a/b'}}]", "secretKeyRef.key", "letters, digits"),
                arguments("envs: []", "spec.envs", "unknown field"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong(String line, String field, String remedy) {
        assertThat(agent("valid", with(line)).refusal())
                .get()
                .asString()
                .contains(field)
                .contains(remedy);
    }

    @Test
    void right() {
        assertThat(agent("valid", GOOD + """
                        region: us
                        port: 3000
                        operatingMode: Paused
                        pausePolicy: ReleaseServer
                        deletionPolicy: Orphan
                        shareLogs: true
                        dataVolume: {sizeGiB: 10240}
                        env:
                          - {name: _MOTTO, value: "two\\nlines, 'quotes' and 🏓"}
                          - {name: EMPTY, value: ""}
                          - {name: TOKEN, secretKeyRef: {name: my-secret, key: a.b_c}}
                        """).refusal()).isEmpty();
        assertThat(agent("valid", "account: acme\ncloneOf: source\npausePolicy: ReleaseServer")
                        .refusal())
                .isEmpty();
    }

    @Test
    void the_name_must_be_a_host_name() {
        assertThat(agent("a.b", GOOD).refusal()).get().asString().contains("metadata.name", "no dots");
        assertThat(agent("xn--a", GOOD).refusal())
                .get()
                .asString()
                .contains("metadata.name", "may not begin with 'xn--'")
                .doesNotContain("lower-case letters");
        assertThat(agent("-a", GOOD).refusal()).get().asString().contains("the first and the last a letter or digit");
        assertThat(agent("a".repeat(64), GOOD).refusal()).get().asString().contains("metadata.name", "at most 63");
    }

    /** Each breaks one rule, and the refusal states that one. */
    static Stream<Arguments> H27_a_refusal_says_the_rule_that_is_broken() {
        String ends = "the first and the last a letter or digit";
        return Stream.of(
                arguments("account: -acme", ends),
                arguments("account: acme.", ends),
                arguments("size: small-", ends),
                arguments("image: -coder", ends),
                arguments("cloneOf: so.urce", "letters, digits and '-'"),
                arguments("env: [{name: A, secretKeyRef: {name: -s, key: k}}]", ends));
    }

    @ParameterizedTest
    @MethodSource
    void H27_a_refusal_says_the_rule_that_is_broken(String line, String rule) {
        assertThat(agent("valid", with(line)).refusal()).get().asString().contains(rule);
    }

    @Test
    void size_and_image_are_asked_for_unless_it_is_a_clone() {
        assertThat(agent("valid", "account: acme\nsize: small").refusal())
                .get()
                .asString()
                .contains("give size and image, or cloneOf");
    }

    @Test
    void what_is_not_said_is_filled_in() {
        var agent = agent("valid", GOOD).accepted();

        assertThat(Manifest.at(agent, "spec.operatingMode")).isEqualTo("Running");
        assertThat(Manifest.at(agent, "spec.pausePolicy")).isEqualTo("PowerOff");
        assertThat(Manifest.at(agent, "spec.deletionPolicy")).isEqualTo("Delete");
        assertThat(Manifest.at(agent, "spec.shareLogs")).isEqualTo(false);
        assertThat(Manifest.at(agent, "spec.dataVolume.sizeGiB")).isEqualTo(10);
        assertThat(Manifest.at(agent, "spec.region"))
                .as("a clone has its source's")
                .isNull();
    }

    @Test
    void what_is_fixed_for_life_can_neither_change_nor_come_nor_go() {
        var bare = agent("fixed", GOOD).create();
        var full = agent(
                        "fixed-full",
                        GOOD + "region: eu\nport: 80\nenv: [{name: A, value: x}]\ndataVolume: {sizeGiB: 20}")
                .create();
        var clone = agent("fixed-clone", "account: acme\ncloneOf: fixed").create();
        List.of("fixed", "fixed-full").forEach(it -> status(it, "\"envFixed\": true"));
        try {
            for (String line :
                    List.of("region: us", "size: large", "image: other", "port: 8080", "env: [{name: A, value: y}]")) {
                String refusal = "spec." + line.substring(0, line.indexOf(':')) + " is fixed for life";
                for (String name : List.of("fixed", "fixed-full")) {
                    assertThat(agent(name, with(line)).refusalOfChange())
                            .as(name + " " + line)
                            .get()
                            .asString()
                            .contains(refusal);
                }
            }
            assertThat(agent("fixed-full", GOOD + "dataVolume: {sizeGiB: 19}").refusalOfChange())
                    .get()
                    .asString()
                    .contains("never shrink", "spec.region is fixed", "spec.port is fixed", "spec.env is fixed");
            assertThat(agent("fixed-clone", "account: acme\ncloneOf: other").refusalOfChange())
                    .get()
                    .asString()
                    .contains("spec.cloneOf is fixed for life");
            assertThat(agent("fixed", with("image: other")).refusalOfChange())
                    .get()
                    .asString()
                    .contains("Cloning is the supported upgrade path");
            assertThat(agent("fixed", GOOD + "operatingMode: Paused\ndataVolume: {sizeGiB: 11}\nshareLogs: true")
                            .refusalOfChange())
                    .isEmpty();
        } finally {
            bare.delete();
            full.delete();
            clone.delete();
        }
    }

    @Test
    void H25_the_environment_may_be_changed_until_it_is_frozen() {
        for (String frozen : List.of("\"envFixed\": true", "\"frozenSecret\": \"thawed-frozen\"")) {
            var agent = agent("thawed", GOOD + "env: [{name: A, value: x}]").create();
            try {
                status("thawed", "\"providerConfig\": \"local\"");
                assertThat(agent("thawed", GOOD).refusalOfChange()).isEmpty();
                assertThat(agent("thawed", GOOD + "env: [{name: A, value: y}, {name: B, value: z}]")
                                .refusalOfChange())
                        .isEmpty();
                status("thawed", frozen);
                for (String env : List.of("", "env: [{name: A, value: y}]")) {
                    assertThat(agent("thawed", GOOD + env).refusalOfChange())
                            .as(frozen)
                            .get()
                            .asString()
                            .contains("spec.env is fixed for life once", "make a new Agent");
                }
                assertThat(agent("thawed", GOOD + "operatingMode: Paused\nenv: [{name: A, value: x}]")
                                .refusalOfChange())
                        .isEmpty();
            } finally {
                agent.delete();
            }
        }
    }

    private static void status(String name, String field) {
        ControlPlane.shared()
                .kubectl(
                        "patch",
                        "agent",
                        name,
                        "--namespace=default",
                        "--subresource=status",
                        "--type=merge",
                        "--patch={\"status\": {%s}}".formatted(field));
    }

    @Test
    void an_image_is_given_by_digest() {
        assertThat(image("valid", "172.31.1.1:5000/sample-agent", DIGEST, 1).refusal())
                .isEmpty();
        assertThat(image("valid", "ghcr.io/acme/agent", DIGEST, 2).refusal()).isEmpty();
        for (String repository : List.of("ghcr.io/acme/agent:latest", "Acme/agent", "a@sha256:0", "a b", "-x", "")) {
            assertThat(image("valid", repository, DIGEST, 1).refusal())
                    .as(repository)
                    .get()
                    .asString()
                    .contains("spec.repository");
        }
        for (String digest : List.of("latest", "sha256:" + "0123456789ABCDEF".repeat(4), DIGEST + "0")) {
            assertThat(image("valid", "a/b", digest, 1).refusal())
                    .get()
                    .asString()
                    .contains("spec.digest");
        }
        assertThat(image("valid", "a/b", DIGEST, 0).refusal()).get().asString().contains("spec.revision");
        assertThat(image("a".repeat(64), "a/b", DIGEST, 1).refusal())
                .get()
                .asString()
                .contains("at most 63");
    }

    @Test
    void another_digest_is_another_revision_and_a_revision_never_falls() {
        String other = DIGEST.replace('0', '1');
        var image = image("revised", "a/b", DIGEST, 2).create();
        try {
            for (Manifest wrong : List.of(
                    image("revised", "a/b", other, 2),
                    image("revised", "a/c", DIGEST, 2),
                    image("revised", "a/b", DIGEST, 1))) {
                assertThat(wrong.refusalOfChange()).get().asString().contains("needs a greater revision");
            }
            assertThat(image("revised", "a/c", other, 3).refusalOfChange()).isEmpty();
        } finally {
            image.delete();
        }
    }
}
