package dev.anchorhold.world;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Runs a PostgreSQL 18 server with durable data: what was committed survives the server, this JVM and the machine. User {@code postgres},
 * database {@code postgres}, no password (trust), 127.0.0.1 only.
 */
public final class Postgres implements WorldPart, Restartable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path data;
    private final Supplier<EmbeddedPostgres> starter;
    private volatile EmbeddedPostgres server;

    private Postgres(Path data, Supplier<EmbeddedPostgres> starter) {
        this.data = data;
        this.starter = starter;
        server = starter.get();
    }

    /**
     * Starts it in the folder, with what it held the last time. A server that a killed JVM left running there is stopped
     * first: it holds the folder, and attaching to it would hide that nobody looks after it.
     */
    public static Postgres start(Path folder, int port) {
        return new Postgres(folder.resolve("data"), () -> launch(folder, port));
    }

    private static EmbeddedPostgres launch(Path folder, int port) {
        Path data = folder.resolve("data");
        try {
            Files.createDirectories(folder);
            stopLeftover(data);
            return EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .setPGStartupWait(PATIENCE)
                    .setOverrideWorkingDirectory(folder.resolve("programs").toFile())
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .start();
        } catch (IOException e) {
            throw new WorldFailure("PostgreSQL did not start in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** The one server that all tests of this JVM share, a database each. It starts with the first call and ends with the JVM. */
    public static Postgres shared() {
        return Shared.INSTANCE;
    }

    private static final class Shared {
        private static final Postgres INSTANCE = start(ThrowawayFolder.create().resolve("postgres"), Ports.free());

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(INSTANCE::close, "stop the shared PostgreSQL"));
        }
    }

    /** SIGKILL to all of its processes at once, as the machine's end would be: no checkpoint, no last word to a client. */
    public void kill9() {
        ProcessHandle postmaster = process();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(it -> Daemon.end(it, Duration.ZERO));
        close(); // gives the folder back
    }

    /** Starts it in the same folder and on the same port after it ended: it recovers by its log. */
    @Override
    public void restart() {
        close();
        server = starter.get();
    }

    @Override
    public Optional<String> ending() {
        return postmaster().filter(Daemon::runs).isPresent()
                ? Optional.empty()
                : Optional.of("how is unknown: pg_ctl started it, and it is no child of the world's JVM");
    }

    @Override
    public List<Restartable> processes() {
        return List.of(this);
    }

    /** The postmaster; the other processes are its children. */
    public ProcessHandle process() {
        return postmaster().orElseThrow();
    }

    private Optional<ProcessHandle> postmaster() {
        try {
            long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"))
                    .getFirst()
                    .strip());
            return ProcessHandle.of(pid)
                    .filter(it -> it.info().commandLine().orElse("").contains(data.toString()));
        } catch (NoSuchFileException | NoSuchElementException | NumberFormatException _) {
            return Optional.empty(); // it removed the file as it ended, or has yet to write it
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's own pid file: its first line is the process, the second the folder it serves. True when one ran. */
    static boolean stopLeftover(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return false;
        }
        List<String> lines = Files.readAllLines(file);
        Optional<ProcessHandle> leftover = ProcessHandle.of(
                        Long.parseLong(lines.getFirst().strip()))
                .filter(it -> it.info().commandLine().orElse("").contains(data.toString()));
        if (leftover.isPresent()) {
            // SIGINT is its "fast shutdown"; SIGTERM would wait for clients to leave.
            ExternalProgram.of(
                            Path.of("/bin/kill"),
                            "-INT",
                            Long.toString(leftover.get().pid()))
                    .run();
            if (!Daemon.ended(leftover.get(), PATIENCE)) {
                throw new WorldFailure("Process " + leftover.get().pid() + " still serves " + data
                        + " and does not end. Stop it, then try again.");
            }
        }
        // Without a postmaster they end by themselves, but not at once; and no new server may write beside them.
        ProcessHandle.allProcesses().filter(it -> worksIn(it, data)).forEach(it -> Daemon.end(it, Duration.ZERO));
        Files.deleteIfExists(file);
        return leftover.isPresent();
    }

    private static boolean worksIn(ProcessHandle process, Path folder) {
        try {
            return Files.isSameFile(Path.of("/proc", Long.toString(process.pid()), "cwd"), folder);
        } catch (IOException _) {
            return false; // ended just now, or another user's
        }
    }

    public DataSource database() {
        return server.getPostgresDatabase();
    }

    /** Its port on 127.0.0.1. */
    int port() {
        return server.getPort();
    }

    public String jdbcUrl() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public Health health() {
        try (Connection connection = database().getConnection()) {
            return new Health(connection.isValid(2), "127.0.0.1:" + server.getPort());
        } catch (SQLException e) {
            return new Health(false, e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
