package dev.anchorhold.world;

import dev.anchorhold.sim.guest.GuestDrivers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a world's state, {@code .world} in the checkout: a folder for each part, the process that runs it
 * ({@code owner}), and what a shell needs to use it ({@code env}), which is there as long as the world is usable.
 */
public final class WorldFolder {
    private final Path root;

    public WorldFolder(Path root) {
        this.root = root.toAbsolutePath();
    }

    /** A variable that {@code ./dev env} prints. */
    record Export(String name, String value) {}

    Path root() {
        return root;
    }

    public Path of(String part) {
        return root.resolve(part);
    }

    /** The process that runs the world now. */
    Optional<ProcessHandle> owner() {
        return Daemon.Identity.read(of("owner")).flatMap(Daemon.Identity::running);
    }

    /** Makes this JVM the one that runs it, and stops what a killed predecessor left running. Of two at the same time one is refused. */
    public List<String> take() {
        try (var file = FileChannel.open(
                        Files.createDirectories(root).resolve("owner.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                var _ = file.lock()) {
            return takeLocked();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> takeLocked() {
        owner().ifPresent(it -> {
            throw new WorldFailure(
                    "The world is running already (process " + it.pid() + "). See: ./dev status. Stop it: ./dev down");
        });
        List<String> stopped = stopLeftovers();
        Kubeconfig.writePrivately(
                of("owner"), Daemon.Identity.of(ProcessHandle.current()).toString());
        return stopped;
    }

    private List<String> stopLeftovers() {
        try {
            if (Files.exists(of("guests")) && "root".equals(System.getProperty("user.name"))) {
                GuestDrivers.removeLeftovers(root);
            }
            return Files.isDirectory(root) ? ThrowawayFolder.stopAllIn(root) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void writeEnvironment(List<Export> exports) {
        Kubeconfig.writePrivately(
                of("env"),
                exports.stream()
                        .map(it -> "export %s='%s'%n".formatted(it.name(), it.value()))
                        .collect(Collectors.joining()));
    }

    /** The value of a variable that {@code ./dev env} prints. */
    public String exported(String name) {
        try (Stream<String> lines = Files.lines(of("env"))) {
            String prefix = "export " + name + "='";
            return lines.filter(it -> it.startsWith(prefix))
                    .map(it -> it.substring(prefix.length(), it.length() - 1))
                    .findFirst()
                    .orElseThrow(() -> new WorldFailure("The world exports no " + name + ". Start it anew: ./dev up"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void forgetEnvironment() {
        delete(of("env"));
    }

    boolean isUsable() {
        return owner().isPresent() && Files.exists(of("env"));
    }

    /** Asks the world's process to end, with all that belongs to it. True when there was one. */
    boolean stop(Duration limit) {
        Optional<ProcessHandle> owner = owner();
        owner.ifPresent(it -> Daemon.end(it, limit));
        boolean leftovers = !stopLeftovers().isEmpty();
        forgetEnvironment();
        delete(of("owner"));
        return owner.isPresent() || leftovers;
    }

    /** Removes everything; but never through a mount that a guest may have left: what is behind it is not ours. */
    void forgetAll() {
        try {
            if (Files.exists(Path.of("/proc/self/mounts"))) {
                Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                        .map(it -> it.split(" ")[1])
                        .filter(it -> it.startsWith(root + "/"))
                        .findFirst()
                        .ifPresent(it -> {
                            throw new WorldFailure(it + " is still mounted. Unmount it, then try again: umount " + it);
                        });
            }
            if (Files.exists(root)) {
                ThrowawayFolder.delete(root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
