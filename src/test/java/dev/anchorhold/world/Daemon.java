package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Runs a program beside this JVM, with a log and a pid file. A JVM that is killed outright leaves its programs behind;
 * their pid files let the next start find and stop them ({@link #stopLeftovers}). A pid file names the process by its number
 * <em>and</em> the instant of its start, so a number that the system gave to somebody else since is never mistaken for ours.
 */
public final class Daemon implements Restartable, AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);
    /** Leftovers need no orderly end: all of them survive a crash. */
    private static final Duration LEFTOVER_GRACE = Duration.ofSeconds(1);

    private static final long MAX_LOG_SIZE = 20L << 20;

    private final String name;
    private final Path log;
    private final Path pidFile;
    private final ProcessBuilder builder;
    private volatile Process process;
    private volatile long logStart;

    private Daemon(String name, Path folder, ProcessBuilder builder) {
        this.name = name;
        this.log = folder.resolve(name + ".log");
        this.pidFile = folder.resolve(name + ".pid");
        this.builder = builder;
        launch();
    }

    /**
     * Starts the program.
     *
     * @param folder where {@code NAME.log} and {@code NAME.pid} are written
     * @param environment added to this process's own; never put a secret into the command
     */
    public static Daemon start(String name, Path folder, Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new Daemon(name, folder, builder);
    }

    private void launch() {
        try {
            Files.createDirectories(log.getParent());
            if (Files.exists(log) && Files.size(log) > MAX_LOG_SIZE) {
                Files.move(log, log.resolveSibling(name + ".old.log"), StandardCopyOption.REPLACE_EXISTING);
            }
            logStart = Files.exists(log) ? Files.size(log) : 0;
            process = builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            Files.writeString(pidFile, Identity.of(process.toHandle()).toString());
        } catch (IOException e) {
            throw new WorldFailure(
                    "Cannot start " + name + " (" + builder.command().getFirst() + "): " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> ending() {
        return isAlive() ? Optional.empty() : Optional.of(new TerminationMessage(log, logStart).of(exitCode()));
    }

    private int exitCode() {
        return process.onExit().join().exitValue();
    }

    @Override
    public void restart() {
        close();
        launch();
    }

    public boolean isAlive() {
        return runs(process.toHandle());
    }

    public long pid() {
        return process.pid();
    }

    public Path log() {
        return log;
    }

    /** Waits until the condition holds; fails with the end of the log when the program dies or the time is over. */
    public void await(String what, Duration limit, BooleanSupplier condition) {
        Instant end = Instant.now().plus(limit);
        while (!condition.getAsBoolean()) {
            if (!isAlive()) {
                throw new WorldFailure("%s ended with exit code %d while starting. Its last lines (%s):%n%s"
                        .formatted(name, exitCode(), log, lastLines()));
            }
            if (Instant.now().isAfter(end)) {
                throw new WorldFailure("%s was not %s after %d s. Its last lines (%s):%n%s"
                        .formatted(name, what, limit.toSeconds(), log, lastLines()));
            }
            pause(Duration.ofMillis(50));
        }
    }

    /** Asks it to end, and ends it when it does not. */
    @Override
    public void close() {
        end(process.toHandle(), GRACE);
        delete(pidFile);
    }

    /** Ends it at once, as a crash would. */
    public void kill() {
        end(process.toHandle(), Duration.ZERO);
        delete(pidFile);
    }

    /**
     * Stops what an earlier, killed JVM left running and wrote pid files for in this folder.
     *
     * @return the names of the programs that were still running
     */
    public static List<String> stopLeftovers(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        Map<Path, ProcessHandle> leftovers = new TreeMap<>();
        try (DirectoryStream<Path> pidFiles = Files.newDirectoryStream(folder, "*.pid")) {
            for (Path pidFile : pidFiles) {
                Identity.read(pidFile).ifPresent(it -> {
                    it.running().ifPresent(process -> leftovers.put(pidFile, process));
                    delete(pidFile);
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        leftovers.values().forEach(ProcessHandle::destroy);
        Instant end = Instant.now().plus(LEFTOVER_GRACE);
        leftovers.values().forEach(it -> end(it, Duration.between(Instant.now(), end)));
        return leftovers.keySet().stream()
                .map(it -> it.getFileName().toString().replace(".pid", ""))
                .toList();
    }

    static void end(ProcessHandle process, Duration grace) {
        if (grace.isPositive() && process.destroy() && ended(process, grace)) {
            return;
        }
        process.destroyForcibly();
        if (!ended(process, Duration.ofSeconds(10))) {
            throw new WorldFailure("Process " + process.pid() + " does not end, not even by SIGKILL.");
        }
    }

    /** False also for a process that has ended and only waits for a slow init to take note of it: "zombie". */
    static boolean runs(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException _) {
            return process.isAlive(); // no /proc, or ended just now
        }
    }

    static boolean ended(ProcessHandle process, Duration limit) {
        Instant end = Instant.now().plus(limit);
        while (runs(process)) {
            if (Instant.now().isAfter(end)) {
                return false;
            }
            pause(Duration.ofMillis(10));
        }
        return true;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldFailure("Interrupted while waiting for a program", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String lastLines() {
        return String.join("\n", new TerminationMessage(log, logStart).lines(15));
    }

    /** A process that cannot be confused with a later one of the same number. */
    record Identity(long pid, Instant started) {
        /** The kernel's boot time, which start times are counted from, is only good to a second or so. */
        private static final Duration TOLERANCE = Duration.ofSeconds(2);

        static Identity of(ProcessHandle process) {
            return new Identity(process.pid(), process.info().startInstant().orElse(Instant.EPOCH));
        }

        static Optional<Identity> read(Path file) {
            try {
                String[] parts = Files.readString(file).strip().split(" ");
                return Optional.of(new Identity(Long.parseLong(parts[0]), Instant.parse(parts[1])));
            } catch (IOException | RuntimeException _) {
                return Optional.empty();
            }
        }

        Optional<ProcessHandle> running() {
            return ProcessHandle.of(pid)
                    .filter(Daemon::runs)
                    .filter(it -> Duration.between(started, Identity.of(it).started())
                                    .abs()
                                    .compareTo(TOLERANCE)
                            < 0);
        }

        @Override
        public String toString() {
            return pid + " " + started;
        }
    }
}
