package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A companion whose log cannot be signed says which setting is missing and how to make it. */
class LogProducersTest {

    @Test
    void a_missing_setting_is_named() {
        assertThatThrownBy(() -> log(Map.of("anchorhold.ledger.origin", "example.org/log")))
                .hasMessageContaining("anchorhold.ledger.log-key")
                .hasMessageContaining("openssl genpkey -algorithm ed25519");
        assertThatThrownBy(() -> log(Map.of("anchorhold.ledger.log-key", "/nowhere/log-key.pem")))
                .hasMessageContaining("anchorhold.ledger.origin");
    }

    private static TransparencyLog log(Map<String, String> settings) throws Exception {
        return new LogProducers()
                .transparencyLog(
                        new Database(() -> null),
                        new SmallRyeConfigBuilder()
                                .addDiscoveredConverters()
                                .withMapping(Settings.class)
                                .withDefaultValues(settings)
                                .build()
                                .getConfigMapping(Settings.class),
                        InstantSource.system());
    }
}
