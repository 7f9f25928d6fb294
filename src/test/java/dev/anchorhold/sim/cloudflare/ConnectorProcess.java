package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.world.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs the connector program of the guests (k8s-dev/guests/connector.py) on this machine, with the token in a file.
 */
final class ConnectorProcess implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final URI metrics;

    ConnectorProcess(Path folder, Edge edge, String token) {
        try {
            var tokenFile = Files.writeString(folder.resolve("token"), token + "\n");
            log = folder.resolve("connector.log");
            int port = Ports.freeFrom(20_241);
            metrics = URI.create("http://127.0.0.1:" + port);
            process = new ProcessBuilder(List.of(
                            "python3",
                            "k8s-dev/guests/connector.py",
                            "tunnel",
                            "--no-autoupdate",
                            "--edge",
                            edge.connectorAddress(),
                            "--metrics",
                            "127.0.0.1:" + port,
                            "run",
                            "--token-file",
                            tokenFile.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status of {@code /ready}; 0 when nobody answers. */
    int ready() {
        try {
            return ((HttpURLConnection) metrics.resolve("/ready").toURL().openConnection()).getResponseCode();
        } catch (IOException e) {
            return 0;
        }
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Suspends it, so that it sends nothing more, as on a machine whose power was cut; until it is closed. */
    void freeze() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Sends SIGTERM, as a machine that shuts down does; returns the exit code. */
    int terminate() {
        process.destroy();
        return process.onExit().join().exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
