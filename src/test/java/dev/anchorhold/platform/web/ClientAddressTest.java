package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
    private final ClientAddress behindProxies = new ClientAddress(List.of("10.0.0.0/9", "127.0.0.1", "fd00::/8"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        nobody speaks for a stranger                     | 192.0.2.1 | 198.51.100.1                       | 192.0.2.1
        a proxy of ours does                             | 10.1.2.3  | 198.51.100.1                       | 198.51.100.1
        what the client itself sent stands further left  | 10.1.2.3  | 6.6.6.6, 198.51.100.1              | 198.51.100.1
        proxies behind proxies are passed over           | 127.0.0.1 | 6.6.6.6, 198.51.100.1, 10.1.2.3    | 198.51.100.1
        a network ends where it ends                     | 10.128.0.1| 198.51.100.1                       | 10.128.0.1
        nonsense is nobody's word                        | 10.1.2.3  | 198.51.100.1, example.org          | 10.1.2.3
        all are proxies                                  | 10.1.2.3  | 10.1.2.4                           | 10.1.2.4
        """)
    void it_is_the_first_from_the_right_that_is_not_ours(String why, String peer, String header, String client) {
        assertThat(behindProxies.of(peer, List.of(header))).as(why).isEqualTo(client);
    }

    @Test
    void without_a_header_or_with_several_it_is_read_the_same_way() {
        assertThat(behindProxies.of("10.1.2.3", List.of())).isEqualTo("10.1.2.3");
        assertThat(behindProxies.of("10.1.2.3", List.of("6.6.6.6", "198.51.100.1")))
                .isEqualTo("198.51.100.1");
    }

    @Test
    void an_ipv6_client_is_its_whole_site() {
        String one = behindProxies.of("2001:db8:1:2::1", List.of());
        assertThat(behindProxies.of("2001:db8:1:2:ffff::9", List.of())).isEqualTo(one);
        assertThat(behindProxies.of("2001:db8:1:3::1", List.of())).isNotEqualTo(one);
        assertThat(behindProxies.of("fd00::1", List.of("2001:db8:1:2::7"))).isEqualTo(one);
    }

    @Test
    void a_misspelt_network_is_refused_at_the_start() {
        assertThatThrownBy(() -> new ClientAddress(List.of("10.0.0.0/33")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ClientAddress(List.of("proxy.local")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
