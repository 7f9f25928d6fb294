package dev.anchorhold.sim.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the choice of a driver, and of what its firewall rules refuse. */
class GuestDriversTest {

    @TempDir
    Path folder;

    @Test
    void the_choice_says_what_it_is_and_why() {
        try (var driver = GuestDrivers.choose("schema", folder).driver()) {
            assertThat(driver).isInstanceOf(SchemaDriver.class);
        }
        assertThat(GuestDrivers.choose("schema", folder).why()).isEqualTo("schema: as asked for");
    }

    @Test
    void an_unknown_kind_is_refused_with_the_kinds_that_there_are() {
        assertThatThrownBy(() -> GuestDrivers.choose("docker", folder))
                .isInstanceOf(GuestFailure.class)
                .hasMessageContaining("auto, schema, nspawn, qemu");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0 accept; flush ruleset; #", "10.0.0.1", "any", "::/0 }", ""})
    void no_text_becomes_a_firewall_rule_that_is_no_network(String source) {
        assertThatThrownBy(() ->
                        InboundRules.replace(machine(), closed(new Rule("tcp", Optional.of("22"), List.of(source)))))
                .isInstanceOf(GuestFailure.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22 accept", "22,80", "-", "22-"})
    void no_text_becomes_a_firewall_rule_that_is_no_port(String ports) {
        assertThatThrownBy(() ->
                        InboundRules.replace(machine(), closed(new Rule("tcp", Optional.of(ports), List.of("::/0")))))
                .isInstanceOf(GuestFailure.class);
    }

    private static Inbound closed(Rule rule) {
        return new Inbound(false, List.of(rule));
    }

    private static Machine machine() {
        return new Machine(
                7,
                "web",
                "debian-12",
                "hel1",
                Optional.of("203.0.113.7"),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }
}
