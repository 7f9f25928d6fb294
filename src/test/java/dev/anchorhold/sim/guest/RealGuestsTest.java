package dev.anchorhold.sim.guest;

import static dev.anchorhold.sim.guest.GuestDrivers.Port.OPEN;
import static dev.anchorhold.sim.guest.GuestDrivers.Port.REFUSED;
import static dev.anchorhold.sim.guest.GuestDrivers.Port.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Tests what a running guest is, and what its firewall does, seen from the internet of its world. */
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class RealGuestsTest {

    @TempDir
    static Path folder;

    private static GuestWorld world;
    private static Machine guest;
    private static String v4;
    private static String v6;

    @BeforeAll
    static void boot() {
        world = new GuestWorld(folder, "nspawn", 8);
        guest = world.running(7);
        v4 = guest.ipv4().orElseThrow();
        v6 = "2001:db8:aa:7::1";
    }

    @AfterAll
    static void close() {
        world.guests.destroy(guest.serverId());
        world.close();
    }

    @BeforeEach
    void open() {
        world.guests.applyFirewall(guest.serverId(), Inbound.OPEN);
    }

    @Test
    void cloud_init_is_done_without_errors_or_warnings_by_the_Hetzner_datasource() {
        assertThat(world.ssh(guest, "cloud-init status --wait --long"))
                .contains("status: done")
                .contains("DataSourceHetzner");
        assertThat(world.ssh(guest, "cat /run/cloud-init/result.json")).contains("\"errors\": []");
        assertThat(world.ssh(guest, "grep -c -e WARN -e Traceback /var/log/cloud-init.log || true"))
                .isEqualTo("0");
    }

    @Test
    void it_has_its_name_its_addresses_and_its_identity() {
        assertThat(world.ssh(guest, "hostname")).isEqualTo("web-7");
        assertThat(world.ssh(guest, "ip -o address show dev eth0")).contains("203.0.113.7/32", "2001:db8:aa:7::1/64");
        assertThat(world.ssh(guest, "ip route; ip -6 route")).contains("default via 172.31.1.1", "default via fe80::1");
        assertThat(world.ssh(guest, "cat /var/lib/cloud/data/instance-id")).isEqualTo("128000007");
    }

    @Test
    void the_customers_key_opens_it_and_the_sealed_key_of_the_metadata_does_not() {
        assertThat(world.ssh(guest, "curl -s http://169.254.169.254/hetzner/v1/metadata/public-keys"))
                .contains("sealed");
        assertThat(world.ssh(guest, "cat /root/.ssh/authorized_keys"))
                .endsWith("customer")
                .doesNotContain("sealed");
        assertThat(world.sshCommand(v4, "sealed", "true").succeeds()).isFalse();
    }

    @Test
    void it_cannot_reach_anything_beyond_its_world() {
        assertThat(world.ssh(guest, "ping -c1 -W1 100.64.0.1 >/dev/null 2>&1 && echo reached || echo nothing"))
                .isEqualTo("nothing");
        assertThat(world.ssh(guest, "getent hosts deb.debian.org || echo unknown"))
                .isEqualTo("unknown");
    }

    @Test
    void without_a_firewall_every_port_answers() {
        assertThat(world.fabric().scan(v4, Optional.empty(), 22, 80)).containsOnly(entry(22, OPEN), entry(80, REFUSED));
        assertThat(world.fabric().scan(v6, Optional.empty(), 22, 80)).containsOnly(entry(22, OPEN), entry(80, REFUSED));
    }

    @Test
    void a_firewall_without_rules_lets_nothing_in() {
        firewall();
        assertThat(world.fabric().scan(v4, Optional.empty(), 22, 80))
                .containsOnly(entry(22, SILENT), entry(80, SILENT));
        assertThat(world.fabric().scan(v6, Optional.empty(), 22)).containsOnly(entry(22, SILENT));
        assertThat(pings(v4)).isFalse();
        assertThat(pings(v6)).isFalse();
    }

    @Test
    void a_rule_opens_its_ports_to_its_sources_and_to_nobody_else() {
        firewall(rule("tcp", "22", "192.0.2.0/25"), rule("tcp", "8000-8010", "0.0.0.0/0", "::/0"));
        assertThat(world.fabric().scan(v4, Optional.of("192.0.2.5"), 22, 7999, 8000, 8010, 8011))
                .containsOnly(
                        entry(22, OPEN),
                        entry(7999, SILENT),
                        entry(8000, REFUSED),
                        entry(8010, REFUSED),
                        entry(8011, SILENT));
        assertThat(world.fabric().scan(v4, Optional.of("192.0.2.200"), 22)).containsOnly(entry(22, SILENT));
        assertThat(world.fabric().scan(v6, Optional.empty(), 22, 8005))
                .containsOnly(entry(22, SILENT), entry(8005, REFUSED));
    }

    @Test
    void protocols_are_distinguished() {
        firewall(
                rule("icmp", null, "0.0.0.0/0", "::/0"),
                rule("udp", "any", "0.0.0.0/0"),
                rule("esp", null, "0.0.0.0/0"),
                rule("gre", null, "::/0"));
        assertThat(pings(v4)).isTrue();
        assertThat(pings(v6)).isTrue();
        assertThat(world.fabric().scan(v4, Optional.empty(), 22)).containsOnly(entry(22, SILENT));
        firewall(rule("tcp", "any", "0.0.0.0/0"));
        assertThat(pings(v4)).isFalse();
        assertThat(world.fabric().scan(v4, Optional.empty(), 22, 80)).containsOnly(entry(22, OPEN), entry(80, REFUSED));
    }

    @Test
    void an_open_connection_outlives_a_rule_that_would_refuse_it() throws Exception {
        try (var shell = world.shell(guest)) {
            assertThat(shell.ask("hostname")).isEqualTo("web-7");
            firewall();
            assertThat(shell.ask("whoami")).isEqualTo("root");
            assertThat(world.fabric().scan(v4, Optional.empty(), 22)).containsOnly(entry(22, SILENT));
        }
    }

    @Test
    void the_guest_gets_answers_to_what_it_asks_however_closed_it_is() throws Exception {
        try (var shell = world.shell(guest)) {
            firewall();
            assertThat(shell.ask("curl -s http://169.254.169.254/hetzner/v1/metadata/hostname; echo"))
                    .isEqualTo("web-7");
            assertThat(shell.ask("host=$(getent hosts deb.debian.org); echo $?"))
                    .isEqualTo("2");
            assertThat(shell.ask("ip route flush dev eth0; dhclient -1 eth0 2>/dev/null; ip route | head -1"))
                    .startsWith("default via 172.31.1.1");
        }
    }

    @Test
    void another_guest_is_part_of_the_internet_and_leaves_nothing_when_it_is_destroyed() {
        var neighbour = world.running(8);
        firewall(rule("tcp", "22", "203.0.113.9/32"));
        assertThat(world.ssh(neighbour, "nc -z -w2 203.0.113.7 22 && echo open || echo closed"))
                .isEqualTo("closed");
        open();
        assertThat(world.ssh(neighbour, "nc -z -w2 203.0.113.7 22 && echo open || echo closed"))
                .isEqualTo("open");

        assertThat(world.traces()).anyMatch(trace -> trace.contains("128000008"));
        world.guests.destroy(neighbour.serverId());
        assertThat(world.traces()).noneMatch(trace -> trace.contains("128000008"));
    }

    private boolean pings(String address) {
        return world.fabric().inside("ping", "-c1", "-W1", address).succeeds();
    }

    private static void firewall(Rule... rules) {
        world.guests.applyFirewall(guest.serverId(), new Inbound(false, List.of(rules)));
    }

    private static Rule rule(String protocol, String ports, String... sources) {
        return new Rule(protocol, Optional.ofNullable(ports), List.of(sources));
    }
}
