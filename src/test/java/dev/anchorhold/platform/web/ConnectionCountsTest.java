package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConnectionCountsTest {
    private final ConnectionCounts counts =
            new ConnectionCounts(it -> it.getHostAddress().startsWith("10."));

    @Test
    void H18_an_address_has_its_share_of_connections_and_leaves_the_rest_to_others() {
        open("192.0.2.1", ConnectionCounts.MAX_OF_AN_ADDRESS);
        assertThat(counts.open("192.0.2.1")).isFalse();
        assertThat(counts.open("192.0.2.2")).isTrue();
        counts.closed("192.0.2.1");
        assertThat(counts.open("192.0.2.1")).isTrue();
    }

    @Test
    void H18_a_proxy_speaks_for_many_and_all_together_have_a_limit() {
        open("10.0.0.1", ConnectionCounts.MAX);
        assertThat(counts.open("10.0.0.1")).isFalse();
        assertThat(counts.open("192.0.2.1")).isFalse();
        counts.closed("10.0.0.1");
        assertThat(counts.open("192.0.2.1")).isTrue();
    }

    private void open(String address, int times) {
        assertThat(IntStream.range(0, times).allMatch(_ -> counts.open(address)))
                .isTrue();
    }
}
