package dev.anchorhold.world;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Runs a program to its end; returns its output. */
public final class ExternalProgram {
    private final List<String> line = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String input = "";

    private ExternalProgram() {}

    public static ExternalProgram of(Path program, String... arguments) {
        ExternalProgram externalProgram = new ExternalProgram();
        externalProgram.line.add(program.toString());
        externalProgram.line.addAll(List.of(arguments));
        return externalProgram;
    }

    ExternalProgram environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    ExternalProgram input(String text) {
        input = text;
        return this;
    }

    /**
     * @return its standard output
     * @throws WorldFailure when its exit code is not 0, with its standard error
     */
    public String run() {
        try {
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().putAll(environment);
            Process process = builder.start();
            CompletableFuture<String> errors = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                        } catch (IOException e) {
                            return e.getMessage();
                        }
                    },
                    Thread::startVirtualThread);
            Thread.startVirtualThread(() -> {
                try (var in = process.getOutputStream()) {
                    in.write(input.getBytes(StandardCharsets.UTF_8));
                } catch (IOException _) {
                    // It ended without reading on; its exit code shows why.
                }
            });
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new WorldFailure("%s failed with exit code %d:%n%s"
                        .formatted(String.join(" ", line), process.exitValue(), errors.join()));
            }
            return output;
        } catch (IOException e) {
            throw new WorldFailure("Cannot run " + line.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldFailure("Interrupted while running " + line.getFirst(), e);
        }
    }
}
