package dev.anchorhold.sim.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Builds and runs a Go program of k8s-dev/conformance, which is based on Go modules that others made for what we claim
 * to be compatible with. It is compiled once for each state of the sources and each version of Go, and kept in the
 * cache beside the control plane: a vendor's SDK takes minutes to compile.
 */
public final class GoProgram {
    private static final Path SOURCES = Path.of("k8s-dev/conformance");

    private final Path folder;
    private final Path program;

    /**
     * Builds it unless it is in the cache.
     *
     * @param folder for its output
     * @param source its folder in k8s-dev/conformance, such as {@code .}
     */
    public GoProgram(Path folder, String source) throws IOException, InterruptedException {
        this.folder = folder;
        String go = go();
        Prerequisites.require(go != null, "Go is not installed: https://go.dev/dl, 1.26 or newer");
        Path cached = cache().resolve("conformance-" + hash(source, run(List.of(go, "version"), Map.of(), 60)));
        this.program = cached.resolve("program");
        if (!Files.exists(program)) {
            build(go, source, cached);
        }
    }

    /** Only one process builds; the program appears in the cache whole or not at all. */
    private void build(String go, String source, Path cached) throws IOException, InterruptedException {
        Files.createDirectories(cached);
        try (var lock = FileChannel.open(cached.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock();
            if (!Files.exists(program)) {
                Path built = cached.resolve("made");
                run(
                        List.of(go, "build", "-C", SOURCES.resolve(source).toString(), "-o", built.toString(), "."),
                        Map.of(),
                        900);
                Files.move(built, program, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** Runs it; returns its output, and fails unless its exit code is 0. */
    public String run(Map<String, String> environment) throws IOException, InterruptedException {
        return run(List.of(program.toString()), environment, 150);
    }

    /** The command; null where Go is not installed. */
    public static String go() {
        if (Prerequisites.onPath("go")) return "go";
        return Files.isExecutable(Path.of("/usr/local/go/bin/go")) ? "/usr/local/go/bin/go" : null;
    }

    /** Where k8s-dev/controlplane/build.sh keeps what it makes. */
    private static Path cache() {
        var environment = System.getenv();
        return Optional.ofNullable(environment.get("ANCHORHOLD_CACHE"))
                .map(Path::of)
                .orElseGet(() -> Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
                        .map(Path::of)
                        .orElse(Path.of(System.getProperty("user.home"), ".cache"))
                        .resolve("anchorhold"))
                .toAbsolutePath();
    }

    private static String hash(String source, String goVersion) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update((source + "\n" + goVersion).getBytes());
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                digest.update((file + "\n").getBytes());
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private String run(List<String> command, Map<String, String> environment, int seconds)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        process.environment().putAll(environment);
        var running = process.start();
        if (!running.waitFor(seconds, TimeUnit.SECONDS))
            running.destroyForcibly().waitFor();
        String text = Files.readString(output);
        assertThat(running.exitValue()).as("%s:%n%s", command, text).isZero();
        return text;
    }
}
