package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hetzner's own SDK, in a program of ours (k8s-dev/conformance), on the simulator. Go's own cache makes later builds quick. */
class HcloudGoTest {
    @TempDir
    private Path folder;

    @Test
    void a_program_on_the_official_sdk_cannot_tell_the_simulator_from_hetzner() throws Exception {
        String go = go();
        HcloudCliTest.need(go != null, "Go is not installed: https://go.dev/dl, 1.26 or newer");
        Path program = folder.resolve("conformance");
        run(List.of(go, "build", "-C", "k8s-dev/conformance", "-o", program.toString(), "."), Map.of(), 600);
        try (var simulator = HetznerSimulator.start(new Options().speed(100).noRateLimit())) {
            String output = run(
                    List.of(program.toString()),
                    Map.of(
                            "HCLOUD_ENDPOINT", simulator.endpoint().toString(),
                            "HCLOUD_TOKEN", simulator.token(),
                            "CONSOLE", simulator.consoleUri().toString()),
                    150);
            assertThat(output.lines()).hasSizeGreaterThan(10).allMatch(line -> line.startsWith("ok "));
        }
    }

    private static String go() {
        if (HcloudCliTest.onPath("go")) return "go";
        return Files.isExecutable(Path.of("/usr/local/go/bin/go")) ? "/usr/local/go/bin/go" : null;
    }

    private String run(List<String> command, Map<String, String> environment, int seconds)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        process.environment().putAll(environment);
        var running = process.start();
        if (!running.waitFor(seconds, TimeUnit.SECONDS))
            running.destroyForcibly().waitFor();
        String said = Files.readString(output);
        assertThat(running.exitValue()).as("%s:%n%s", command, said).isZero();
        return said;
    }
}
