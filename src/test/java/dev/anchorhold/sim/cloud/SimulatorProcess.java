package dev.anchorhold.sim.cloud;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a simulator as a process of its own, to be killed without warning. */
public final class SimulatorProcess implements AutoCloseable {
    private final Process process;
    private final URI endpoint;

    /** @param main prints its endpoint when it listens */
    public SimulatorProcess(Class<?> main, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        endpoint = awaitEndpoint();
    }

    private URI awaitEndpoint() throws IOException {
        var output = new BufferedReader(new InputStreamReader(process.getInputStream()));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("http://")) return URI.create(line);
        }
        throw new IllegalStateException("the simulator did not start");
    }

    public URI endpoint() {
        return endpoint;
    }

    /** As kill -9 does. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
