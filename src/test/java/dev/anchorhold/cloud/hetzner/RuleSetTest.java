package dev.anchorhold.cloud.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleSetTest {
    private static final FirewallRule SSH = FirewallRule.inbound("tcp", "22", List.of("0.0.0.0/0", "::/0"), "");
    private static final FirewallRule WEB = FirewallRule.inbound("tcp", "80", List.of("2001:db8::/32"), "web");

    @Test
    void F25_order_doubles_and_spelling_make_no_difference() {
        var written = RuleSet.of(List.of(
                WEB, SSH, FirewallRule.inbound("TCP", "0022-22", List.of("::/0", "0.0.0.0/0", "0:0::0/0"), null)));
        assertThat(written).isEqualTo(RuleSet.of(List.of(SSH, WEB)));
        assertThat(written.contentHash())
                .isEqualTo(RuleSet.of(List.of(SSH, WEB)).contentHash());
    }

    @Test
    void F25_what_differs_in_effect_or_text_is_not_equal() {
        assertThat(RuleSet.of(List.of(SSH))).isNotEqualTo(RuleSet.EMPTY).isNotEqualTo(RuleSet.of(List.of(SSH, WEB)));
        assertThat(FirewallRule.inbound("tcp", "80", List.of("2001:db8::/33"), "web"))
                .isNotEqualTo(WEB);
        assertThat(FirewallRule.inbound("udp", "80", List.of("2001:db8::/32"), "web"))
                .isNotEqualTo(WEB);
    }

    @Test
    void the_hash_is_the_same_for_ever_since_firewalls_are_named_by_it() {
        assertThat(RuleSet.of(List.of(SSH, WEB)).contentHash())
                .isEqualTo("46b9ce0b63f7f20172c47bde9d33563697dc1da8b6abb555903d0df3f7fb5495");
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/8, 10.0.0.0/8",
        "192.0.2.7, 192.0.2.7/32",
        "2001:DB8:0:0:1:0:0:1/128, 2001:db8::1:0:0:1/128",
        "2001:db8:0:1:1:1:1:1/128, 2001:db8:0:1:1:1:1:1/128",
        "2001:0db8:aa:1:ffff::/64, 2001:db8:aa:1::/64",
        "::/0, ::/0",
        "::1, ::1/128",
        "::ffff:192.0.2.128/128, ::ffff:c000:280/128",
        "fe80::1/10, fe80::/10",
        "1:2:3:4:5:6:7::/112, 1:2:3:4:5:6:7:0/112",
        "255.255.255.255/1, 128.0.0.0/1"
    })
    void networks_have_one_spelling(String written, String canonical) {
        assertThat(IpNetwork.parse(written).orElseThrow()).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "localhost",
                "example.com/24",
                "1.2.3/24",
                "1.2.3.4.5/24",
                "256.0.0.1/8",
                "1.2.3.4/33",
                "1.2.3.4/-1",
                "1.2.3.4/08",
                "01.2.3.4/8",
                "1.2.3.4/",
                "::1/129",
                "1::2::3/64",
                ":::/0",
                "12345::/16",
                "fe80::1%eth0/64",
                "1:2:3:4:5:6:7:8:9/64",
                "1:2:3:4:5:6:7/64",
                "1:2:3:4:5:6:7:8::/64",
                "0x7f.1/8",
                "1.2.3.4/24; rm -rf /",
                "٣.2.3.4/8",
                "::1/٣"
            })
    void what_is_no_network_is_refused_without_asking_a_name_server(String written) {
        assertThat(IpNetwork.parse(written)).isEmpty();
        assertThatThrownBy(() -> FirewallRule.inbound("tcp", "22", List.of(written), ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp,,any",
        "udp,any,any",
        "tcp,1-65535,any",
        "tcp,080,80",
        "tcp,80-80,80",
        "tcp,8000 - 8100,8000-8100",
        "icmp,,''",
        "gre,22,''"
    })
    void ports_have_one_spelling(String protocol, String written, String canonical) {
        assertThat(FirewallRule.inbound(protocol, written, List.of("::/0"), "").port())
                .isEqualTo(canonical);
    }
}
