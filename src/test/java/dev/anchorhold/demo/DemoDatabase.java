package dev.anchorhold.demo;

import dev.anchorhold.demo.Demo.DemoFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Creates the demo's database cluster, for the container that then runs PostgreSQL in it. Nobody gets in without a password, and the
 * superuser not at all.
 */
final class DemoDatabase {
    /** Where the image has PostgreSQL. */
    static final Path PROGRAMS = Path.of("/opt/postgres/bin");

    private static final String CONFIGURATION = """
        listen_addresses = '*'
        unix_socket_directories = ''
        dynamic_shared_memory_type = mmap
        shared_buffers = 32MB
        max_connections = 50
        """;
    private static final String WHO_GETS_IN = """
        host "anchorhold" "anchorhold"       all scram-sha-256
        host "anchorhold" "anchorhold-owner" all scram-sha-256
        """;

    private DemoDatabase() {}

    /** Does nothing when it is there: a container that starts again finds its data. */
    static void create(DemoSettings settings) throws IOException, InterruptedException {
        create(settings, PROGRAMS);
    }

    /** @param programs the folder with {@code initdb} and {@code postgres} */
    static void create(DemoSettings settings, Path programs) throws IOException, InterruptedException {
        Path cluster = settings.state().resolve("postgres");
        if (Files.exists(cluster)) {
            return;
        }
        // Whole or not at all: it gets its name when all is in it.
        Path half = Files.createTempDirectory(Files.createDirectories(settings.state()), "postgres-");
        run(
                "",
                programs.resolve("initdb").toString(),
                "--pgdata=" + half,
                "--username=postgres",
                "--encoding=UTF8",
                "--no-locale",
                "--auth=reject",
                "--no-instructions");
        Files.writeString(half.resolve("postgresql.conf"), CONFIGURATION, StandardOpenOption.APPEND);
        Files.writeString(half.resolve("pg_hba.conf"), WHO_GETS_IN);
        // Single-user mode asks nobody for a password, and is reached by nobody else. A line is a statement.
        run(
                """
                CREATE ROLE "anchorhold-owner" LOGIN PASSWORD '%s'
                CREATE ROLE "anchorhold" LOGIN PASSWORD '%s'
                CREATE DATABASE "anchorhold" OWNER "anchorhold-owner"
                """.formatted(
                                password(settings, DemoSetup.OWNER_PASSWORD),
                                password(settings, DemoSetup.APPLICATION_PASSWORD)),
                programs.resolve("postgres").toString(),
                "--single",
                "-D",
                half.toString(),
                "-c",
                "exit_on_error=true",
                "-c",
                "log_min_error_statement=panic", // an error would show the statement, with the password in it
                "postgres");
        Files.move(half, cluster);
    }

    private static String password(DemoSettings settings, String file) throws IOException {
        return Files.readString(settings.handover().resolve(file));
    }

    private static void run(String input, String... line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var stdin = process.outputWriter()) {
            stdin.write(input);
        }
        if (process.waitFor() != 0) {
            throw new DemoFailure(line[0] + " failed with exit code " + process.exitValue() + "; the reason is above.");
        }
    }
}
