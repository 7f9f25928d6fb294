package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs a command on this computer to its end. Secrets go to its stdin, never into its arguments. */
record HostCommand(List<String> words, String stdin) {

    static HostCommand of(String... words) {
        return new HostCommand(List.of(words), "");
    }

    /** A program of {@code k8s-dev/guests}. */
    static HostCommand script(String name, String... arguments) {
        return of(Stream.concat(Stream.of(scripts().resolve(name).toString()), Arrays.stream(arguments))
                .toArray(String[]::new));
    }

    HostCommand withStdin(String input) {
        return new HostCommand(words, input);
    }

    /** Runs it; returns its stdout. Exit codes other than 0 are a failure that quotes stderr. */
    String run() {
        var ended = end(ProcessBuilder.Redirect.PIPE);
        if (ended.code != 0) {
            throw new GuestFailure("%s failed (%d): %s".formatted(summary(), ended.code, ended.stderr.strip()), null);
        }
        return ended.stdout;
    }

    /** Like {@link #run()}, but its stderr goes to ours while it runs: for what takes a while. */
    String runWithStderr() {
        var ended = end(ProcessBuilder.Redirect.INHERIT);
        if (ended.code != 0) {
            throw new GuestFailure("%s failed (%d)".formatted(summary(), ended.code), null);
        }
        return ended.stdout.strip();
    }

    /** Starts it without input; its output is appended to a file. */
    Process start(Path log) {
        try {
            return new ProcessBuilder(words)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new GuestFailure("%s cannot be run: %s".formatted(summary(), e.getMessage()), e);
        }
    }

    /** Runs it where it may fail, for instance because there is nothing left to do; whether its exit code is 0. */
    boolean succeeds() {
        return end(ProcessBuilder.Redirect.PIPE).code == 0;
    }

    private Ended end(ProcessBuilder.Redirect errorsTo) {
        try {
            var process = new ProcessBuilder(words).redirectError(errorsTo).start();
            var errors = new String[1];
            var reader = Thread.ofVirtual().start(() -> errors[0] = read(process.getErrorStream()));
            try (var input = process.getOutputStream()) {
                input.write(stdin.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading its input; its exit code tells the rest.
            }
            var output = read(process.getInputStream());
            var code = process.waitFor();
            reader.join();
            return new Ended(code, output, errors[0]);
        } catch (IOException e) {
            throw new GuestFailure("%s cannot be run: %s".formatted(summary(), e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestFailure("interrupted while waiting for " + summary(), e);
        }
    }

    private String summary() {
        return String.join(" ", words.subList(0, Math.min(words.size(), 6)));
    }

    private static String read(java.io.InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Ended(int code, String stdout, String stderr) {}

    /** Where {@code name} is found on the PATH or where system programs lie, since an ordinary user's PATH may lack those. */
    static Optional<Path> find(String name) {
        var places = System.getenv().getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin";
        return Arrays.stream(places.split(":"))
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The folder k8s-dev/guests of this checkout: tests and `./dev` start somewhere inside it. */
    static Path scripts() {
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("k8s-dev/guests"))) {
                return folder.resolve("k8s-dev/guests");
            }
        }
        throw new IllegalStateException(
                "no folder k8s-dev/guests in or above " + Path.of("").toAbsolutePath());
    }
}
