package dev.anchorhold.sim.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.GoProgram;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a program on Cloudflare's own Go SDK (k8s-dev/conformance/cloudflare) against the simulator. */
class CloudflareGoTest {
    @TempDir
    private Path folder;

    @Test
    void a_program_on_the_official_sdk_cannot_tell_the_simulator_from_cloudflare() throws Exception {
        var program = new GoProgram(folder, "./cloudflare");
        try (var simulator = CloudflareSimulator.start(new CloudflareOptions())) {
            String output = program.run(Map.of(
                    "CLOUDFLARE_BASE_URL", simulator.endpoint().toString(),
                    "CLOUDFLARE_API_TOKEN", simulator.token(),
                    "CLOUDFLARE_ACCOUNT_ID", simulator.accountId(),
                    "ZONE", CloudflareTestClient.ZONE,
                    "CONSOLE", simulator.consoleUri().toString()));
            assertThat(output.lines()).hasSizeGreaterThan(10).allMatch(line -> line.startsWith("ok "));
        }
    }
}
