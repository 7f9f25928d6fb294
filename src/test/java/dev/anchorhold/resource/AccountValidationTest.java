package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.anchorhold.operator.TestEnvironment;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AccountValidationTest {

    private static Manifest account(String name, String... lines) {
        return Manifest.of("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: Account
                metadata: {name: "%s"}
                spec:
                %s""".formatted(name, String.join("\n", lines).indent(2)));
    }

    private static final String PROVIDER = "providerConfigRef: {name: local}";

    static Stream<Arguments> wrong() {
        String key = "{name: laptop, publicKey: '" + TestEnvironment.KEY + "'}";
        return Stream.of(
                arguments("displayName: \"ACME\\nInc\"", "spec.displayName", "one line"),
                arguments("displayName: '" + "x".repeat(201) + "'", "spec.displayName", "200"),
                arguments("namespaces: [Shop]", "spec.namespaces", "lower-case letters"),
                arguments("namespaces: ['*']", "spec.namespaces", "lower-case letters"),
                arguments("namespaces: ['" + "x".repeat(64) + "']", "spec.namespaces", "63"),
                arguments("quotas: {plainVms: -1}", "spec.quotas.plainVms", "greater than or equal to 0"),
                arguments("quotas: {plainVms: many}", "spec.quotas.plainVms", "integer"),
                arguments("quotas: {vms: 3}", "spec.quotas.vms", "unknown field"),
                arguments("sshKeys: [{name: laptop}]", "spec.sshKeys[0].publicKey", "Required"),
                arguments(
                        "sshKeys: [{name: My Laptop, publicKey: '" + TestEnvironment.KEY + "'}]",
                        "spec.sshKeys[0].name",
                        "such as laptop"),
                arguments(
                        "sshKeys: [{name: laptop, publicKey: 'ssh-ed25519'}]",
                        "spec.sshKeys[0].publicKey",
                        "~/.ssh/id_ed25519.pub"),
                arguments("sshKeys: [" + key + ", " + key + "]", "spec.sshKeys[1]", "Duplicate"),
                arguments("members: [{role: Viewer}]", "spec.members[0].subject", "Required"),
                arguments("members: [{subject: ''}]", "spec.members[0].subject", "at least 1"),
                arguments("members: [{subject: 'two words'}]", "spec.members[0].subject", "without spaces"),
                arguments("members: [{subject: \"a\\nb\"}]", "spec.members[0].subject", "without spaces"),
                arguments(
                        "members: [{subject: 'system:serviceaccount:auditor'}]",
                        "spec.members[0].subject",
                        "system:serviceaccount:NAMESPACE:NAME"),
                arguments("members: [{subject: 'system:admin'}]", "spec.members[0].subject", "e-mail address"),
                arguments("members: [{subject: ann, role: Admin}]", "spec.members[0].role", "\"Owner\", \"Viewer\""),
                arguments("members: [{subject: ann}, {subject: ann, role: Owner}]", "spec.members[1]", "Duplicate"),
                arguments("members: [{subject: '" + "x".repeat(254) + "'}]", "spec.members[0].subject", "253"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong(String line, String field, String remedy) {
        assertThat(account("valid", PROVIDER, line).refusal()).get().asString().contains(field, remedy);
    }

    @Test
    void a_provider_must_be_named() {
        assertThat(account("valid", "displayName: x").refusal())
                .get()
                .asString()
                .contains("spec.providerConfigRef: Required");
        assertThat(account("valid", "providerConfigRef: {name: 'the cloud'}").refusal())
                .get()
                .asString()
                .contains("spec.providerConfigRef.name", "lower-case letters");
    }

    @Test
    void members_are_people_and_service_accounts_and_may_read_unless_told_otherwise() {
        var accepted = account("with-members", PROVIDER, """
                members:
                - {subject: ann@example.org, role: Owner}
                - {subject: auth0|5f7c8ec7c33c6c004bbafe82}
                - {subject: "system:serviceaccount:default:reports.v2"}""").accepted();

        assertThat(Manifest.at(accepted, "spec.members"))
                .asInstanceOf(InstanceOfAssertFactories.list(Map.class))
                .extracting(it -> it.get("role"))
                .as("absent is Viewer: a default inside a list item would be a change at each apply")
                .containsExactly("Owner", null, null);
    }

    @Test
    void the_name_fits_into_a_label() {
        assertThat(account("acme.example".repeat(6), PROVIDER).refusal())
                .get()
                .asString()
                .contains("metadata.name", "at most 63", "anchorhold.dev/account");
        assertThat(account("acme.example", PROVIDER).refusal()).isEmpty();
    }

    @Test
    void the_provider_is_fixed_for_life_and_the_rest_is_not() {
        var account = account("fixed-account", PROVIDER).create();
        try {
            assertThat(account("fixed-account", "providerConfigRef: {name: other}")
                            .refusalOfChange())
                    .get()
                    .asString()
                    .contains("spec.providerConfigRef is fixed for life", "make a new Account");
            assertThat(account(
                                    "fixed-account",
                                    PROVIDER,
                                    "displayName: Größe 🚀",
                                    "quotas: {plainVms: 0}",
                                    "sshKeys: [{name: laptop, publicKey: '" + TestEnvironment.KEY + "'}]")
                            .refusalOfChange())
                    .isEmpty();
        } finally {
            account.delete();
        }
    }
}
