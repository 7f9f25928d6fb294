package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.cloud.CloudException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Linux and the API server take of an environment, to the byte. */
class ContainerEnvironmentTest {

    @Test
    void H25_a_variable_has_as_many_bytes_as_Linux_takes_and_no_more() {
        // "A=" and a NUL beside it: 131,072 bytes, 32 pages
        assertThatCode(() -> ContainerEnvironment.check(Map.of("A", "x".repeat(131_069))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ContainerEnvironment.check(Map.of("A", "x".repeat(131_070))))
                .isInstanceOf(CloudException.Unresolved.class)
                .hasMessageContaining("spec.env 'A': NAME=value has 131072 bytes")
                .hasMessageNotContaining("xx");
        assertThatThrownBy(() -> ContainerEnvironment.check(Map.of("LONGER_NAME", "x".repeat(131_065))))
                .hasMessageContaining("'LONGER_NAME'");
        assertThatThrownBy(() -> ContainerEnvironment.check(Map.of("A", "🏓".repeat(32_768))))
                .as("bytes, not characters")
                .hasMessageContaining("131074 bytes");
    }

    @Test
    void H25_all_of_them_together_fit_into_a_secret() {
        var env = Map.of("A", "x".repeat(1000), "B", "y".repeat(2000), "C", "", "D", "z");
        assertThatCode(() -> ContainerEnvironment.checkSize(
                        env, Map.of("env.json", "j".repeat(1_048_000), "image", "i".repeat(576))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ContainerEnvironment.checkSize(
                        env, Map.of("env.json", "j".repeat(1_048_000), "image", "i".repeat(577))))
                .isInstanceOf(CloudException.Unresolved.class)
                .hasMessageContaining("1048577 bytes", "1048576")
                .hasMessageEndingWith("'B' (2002 bytes), 'A' (1002 bytes), 'D' (3 bytes)");
    }
}
