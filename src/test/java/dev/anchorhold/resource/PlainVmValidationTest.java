package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.anchorhold.operator.TestEnvironment;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the API server refuses before anything happens. Each refusal names the field and says what to write instead. */
class PlainVmValidationTest {
    private static final String GOOD = """
            account: acme
            size: small
            image: debian-13
            sshKeys: [laptop]
            """;

    private static Manifest vm(String name, String spec) {
        return Manifest.of("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: PlainVm
                metadata: {name: "%s", namespace: default}
                spec:
                %s""".formatted(name, spec.indent(2)));
    }

    /** The good manifest with one line put in the place of the field's own, if it has one. */
    private static Manifest with(String line) {
        String field = line.substring(0, line.indexOf(':') + 1);
        return vm("valid", GOOD.lines().filter(l -> !l.startsWith(field)).reduce("", (a, b) -> a + b + "\n") + line);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("account: ''", "spec.account", "at least 1"),
                arguments("account: " + "a".repeat(64), "spec.account", "63"),
                arguments("account: Acme_Inc", "spec.account", "lower-case letters"),
                arguments("region: moon", "spec.region", "\"eu\", \"us\""),
                arguments("size: Small!", "spec.size", "lower-case letters"),
                arguments("size: ''", "spec.size", "at least 1"),
                arguments("image: 'debian 13'", "spec.image", "debian-13 or ubuntu-24.04"),
                arguments("image: ../../etc/passwd", "spec.image", "debian-13 or ubuntu-24.04"),
                arguments("sshKeys: []", "spec", "oneTimePassword: true; otherwise nobody could log in"),
                arguments("sshKeys: ['not a key']", "spec.sshKeys", "~/.ssh/id_ed25519.pub"),
                arguments("sshKeys: ['']", "spec.sshKeys", "at least 1"),
                arguments(
                        "sshKeys: ['ssh-dss AAAAB3NzaC1kc3MAAACBAMzZ']", "spec.sshKeys", "'ssh-ed25519 AAAA… comment'"),
                arguments("oneTimePassword: please", "spec.oneTimePassword", "boolean"),
                arguments("operatingMode: Paused", "spec.operatingMode", "\"Running\", \"Stopped\""),
                arguments("deletionPolicy: Keep", "spec.deletionPolicy", "\"Delete\", \"Orphan\""),
                arguments("recreate: Always", "spec.recreate", "\"Never\", \"WhenLost\""),
                arguments("firewal: {}", "spec.firewal", "unknown field"),
                arguments("firewall: {outbound: []}", "spec.firewall.outbound", "unknown field"),
                arguments(
                        "firewall: {inbound: [{protocol: tcp, port: '22', comment: x}]}",
                        "spec.firewall.inbound[0].comment",
                        "unknown field"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong(String line, String field, String remedy) {
        assertThat(with(line).refusal()).get().asString().contains(field).contains(remedy);
    }

    static Stream<Arguments> wrong_rules() {
        String port = "8000-8100";
        return Stream.of(
                arguments("{port: '22'}", "protocol", "Required value"),
                arguments("{protocol: sctp, port: '22'}", "protocol", "\"icmp\", \"tcp\", \"udp\""),
                arguments("{protocol: tcp}", "inbound", "tcp and udp need a port"),
                arguments("{protocol: icmp, port: '22'}", "inbound", "icmp, esp and gre have none"),
                arguments("{protocol: tcp, port: 22}", "port", "string"),
                arguments("{protocol: tcp, port: ''}", "port", "at least 1"),
                arguments("{protocol: tcp, port: '0'}", "port", port),
                arguments("{protocol: tcp, port: '022'}", "port", port),
                arguments("{protocol: tcp, port: '65536'}", "port", port),
                arguments("{protocol: tcp, port: '99999999999'}", "port", port),
                arguments("{protocol: tcp, port: '-1'}", "port", port),
                arguments("{protocol: tcp, port: '90-80'}", "port", port),
                arguments("{protocol: tcp, port: '80-'}", "port", port),
                arguments("{protocol: tcp, port: '80-90-99'}", "port", port),
                arguments("{protocol: tcp, port: '80, 443'}", "port", port),
                arguments("{protocol: tcp, port: ssh}", "port", port),
                arguments("{protocol: tcp, port: '22', sources: []}", "sources", "at least 1"),
                arguments("{protocol: tcp, port: '22', sources: ['203.0.113.7']}", "sources", "203.0.113.7/32"),
                arguments("{protocol: tcp, port: '22', sources: ['203.0.113.7/24']}", "sources", "host bits"),
                arguments("{protocol: tcp, port: '22', sources: ['2001:db8::1/64']}", "sources", "host bits"),
                arguments("{protocol: tcp, port: '22', sources: ['203.0.113.0/33']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: ['203.000.113.0/24']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: ['203.0.113.0/024']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: ['::ffff:203.0.113.0/120']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: ['fe80::%eth0/64']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: ['example.com/24']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: [' 203.0.113.0/24']}", "sources", "CIDR"),
                arguments("{protocol: tcp, port: '22', sources: ['" + "0".repeat(60) + "/8']}", "sources", "49"),
                arguments("{protocol: icmp, description: \"two\\nlines\"}", "description", "one line"),
                arguments("{protocol: icmp, description: \"\\e[31mred\"}", "description", "control characters"),
                arguments("{protocol: icmp, description: '" + "x".repeat(256) + "'}", "description", "255"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong_rules(String rule, String field, String remedy) {
        assertThat(with("firewall: {inbound: [%s]}".formatted(rule)).refusal())
                .get()
                .asString()
                .contains("spec.firewall.inbound[0]")
                .contains(field)
                .contains(remedy);
    }

    static Stream<String> right() {
        return Stream.of(
                "region: us",
                "sshKeys: [laptop, \"" + TestEnvironment.KEY + "\"]",
                "sshKeys: [\"" + TestEnvironment.KEY.replace(" test", "") + "\"]",
                "operatingMode: Stopped",
                "recreate: WhenLost",
                "deletionPolicy: Orphan",
                "firewall: {inbound: []}",
                "firewall: {inbound: [{protocol: tcp, port: any}]}",
                "firewall: {inbound: [{protocol: udp, port: '1-65535', sources: ['0.0.0.0/0']}]}",
                "firewall: {inbound: [{protocol: tcp, port: '80-80', sources: ['203.0.113.7/32', '2001:DB8::/32']}]}",
                "firewall: {inbound: [{protocol: esp}, {protocol: gre}, {protocol: icmp, description: 'ping 🏓'}]}");
    }

    @ParameterizedTest
    @MethodSource
    void right(String line) {
        assertThat(with(line).refusal()).isEmpty();
    }

    @Test
    void a_password_alone_will_do() {
        assertThat(vm("valid", "account: a\nsize: small\nimage: debian-13\noneTimePassword: true")
                        .refusal())
                .isEmpty();
    }

    @Test
    void the_name_must_be_a_host_name() {
        assertThat(vm("a.b", GOOD).refusal()).get().asString().contains("metadata.name", "no dots");
        assertThat(vm("a".repeat(64), GOOD).refusal()).get().asString().contains("metadata.name", "at most 63");
        assertThat(vm("a".repeat(63), GOOD).refusal()).isEmpty();
    }

    @Test
    void what_is_required_is_asked_for() {
        assertThat(vm("valid", "region: eu").refusal())
                .get()
                .asString()
                .contains("spec.account: Required", "spec.size: Required", "spec.image: Required");
        assertThat(Manifest.of(
                                "apiVersion: anchorhold.dev/v1alpha1\nkind: PlainVm\nmetadata: {name: x, namespace: default}")
                        .refusal())
                .get()
                .asString()
                .contains("spec: Required");
    }

    @Test
    void what_is_not_said_is_filled_in() {
        var vm = vm("valid", GOOD).accepted();

        assertThat(Manifest.at(vm, "spec.region")).isEqualTo("eu");
        assertThat(Manifest.at(vm, "spec.operatingMode")).isEqualTo("Running");
        assertThat(Manifest.at(vm, "spec.deletionPolicy")).isEqualTo("Delete");
        assertThat(Manifest.at(vm, "spec.recreate")).isEqualTo("Never");
        assertThat(Manifest.at(vm, "spec.oneTimePassword")).isEqualTo(false);
        assertThat(Manifest.at(vm, "spec.firewall.inbound"))
                .isEqualTo(List.of(Map.of("protocol", "tcp", "port", "22")));
    }

    @Test
    void a_null_is_as_good_as_nothing() {
        var vm = vm("valid", GOOD + "region: null\noneTimePassword: null\nfirewall: {inbound: null}")
                .accepted();

        assertThat(Manifest.at(vm, "spec.region")).isEqualTo("eu");
        assertThat(Manifest.at(vm, "spec.oneTimePassword")).isEqualTo(false);
        assertThat(Manifest.at(vm, "spec.firewall.inbound"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(1);
    }

    @Test
    void what_is_fixed_for_life_can_neither_change_nor_come_nor_go() {
        String password = "account: acme\nsize: small\nimage: debian-13\noneTimePassword: true\n";
        var both = vm("fixed", GOOD).create();
        var onlyPassword = vm("fixed-password", password).create();
        try {
            for (String line : List.of(
                    "region: us", "size: large", "image: debian-12", "sshKeys: [other]", "oneTimePassword: true")) {
                String field = line.substring(0, line.indexOf(':'));
                assertThat(changed("fixed", line).refusalOfChange())
                        .as(line)
                        .get()
                        .asString()
                        .contains("spec." + field + " is fixed for life");
            }
            assertThat(vm("fixed-password", password + "sshKeys: [laptop]").refusalOfChange())
                    .get()
                    .asString()
                    .contains("spec.sshKeys is fixed for life", "/root/.ssh/authorized_keys");
            assertThat(vm("fixed", password.replace("true", "false")).refusalOfChange())
                    .get()
                    .asString()
                    .contains("spec.sshKeys is fixed for life");
            assertThat(changed("fixed", "operatingMode: Stopped").refusalOfChange())
                    .isEmpty();
            assertThat(changed("fixed", "firewall: {inbound: []}").refusalOfChange())
                    .isEmpty();
        } finally {
            both.delete();
            onlyPassword.delete();
        }
    }

    private static Manifest changed(String name, String line) {
        var it = with(line);
        it.object().getMetadata().setName(name);
        return it;
    }
}
