package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./dev} as people type it, for a world in a folder of its own. Only the build is left out. */
record DevCommand(Path world) {

    record Ended(int code, String output) {
        Ended assertSuccess() {
            assertThat(code).as(output).isZero();
            return this;
        }
    }

    Ended dev(String... arguments) {
        return run("./dev", arguments);
    }

    /** Runs a command that is written in Java, as the script does. */
    Ended java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Dev.class.getName()));
        command.addAll(List.of(arguments));
        return run(ProcessHandle.current().info().command().orElseThrow(), command.toArray(String[]::new));
    }

    /** All processes of this world: its folder is in the command line of each. */
    List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(it -> it.info().commandLine().orElse("").contains(world.toString()))
                .filter(Daemon::runs)
                .toList();
    }

    Ended run(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("ANCHORHOLD_WORLD", world.toString()));
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return new Ended(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
