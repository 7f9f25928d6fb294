package dev.anchorhold.sim.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of k8s-dev/conformance, on Go modules that others made for what we claim to be. Go's own cache makes later builds quick. */
public final class GoProgram {
    private final Path folder;
    private final Path program;

    /**
     * Builds it.
     *
     * @param source its folder in k8s-dev/conformance, such as {@code .}
     */
    public GoProgram(Path folder, String source) throws IOException, InterruptedException {
        this.folder = folder;
        this.program = folder.resolve("conformance");
        String go = go();
        Installed.need(go != null, "Go is not installed: https://go.dev/dl, 1.26 or newer");
        run(List.of(go, "build", "-C", "k8s-dev/conformance/" + source, "-o", program.toString(), "."), Map.of(), 900);
    }

    /** Runs it; what it has said, when it ended well. */
    public String run(Map<String, String> environment) throws IOException, InterruptedException {
        return run(List.of(program.toString()), environment, 150);
    }

    private static String go() {
        if (Installed.onPath("go")) return "go";
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
