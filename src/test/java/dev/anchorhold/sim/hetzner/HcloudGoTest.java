package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.GoProgram;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a program on Hetzner's own Go SDK (k8s-dev/conformance) against the simulator. */
class HcloudGoTest {
    @TempDir
    private Path folder;

    @Test
    void a_program_on_the_official_sdk_cannot_tell_the_simulator_from_hetzner() throws Exception {
        var program = new GoProgram(folder, ".");
        try (var simulator =
                HetznerSimulator.start(new HetznerOptions().speed(100).noRateLimit())) {
            String output = program.run(Map.of(
                    "HCLOUD_ENDPOINT", simulator.endpoint().toString(),
                    "HETZNER_ENDPOINT", simulator.endpoint().toString(),
                    "HCLOUD_TOKEN", simulator.token(),
                    "ANCHORHOLD_SPEED", "100",
                    "CONSOLE", simulator.consoleUri().toString()));
            assertThat(output.lines()).hasSizeGreaterThan(10).allMatch(line -> line.startsWith("ok "));
        }
    }
}
