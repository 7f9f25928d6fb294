package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Creates folders that one JVM uses and nobody after it. They lie side by side, each with its owner's identity in it: whoever
 * creates the next one stops what the dead owners of the others left running, and removes their folders.
 */
public final class ThrowawayFolder {
    private static final String OWNER = "owner";

    private ThrowawayFolder() {}

    public static Path create() {
        sweepAll();
        try {
            Path folder = Files.createTempDirectory(siblings(), "world-");
            Files.writeString(
                    folder.resolve(OWNER),
                    Daemon.Identity.of(ProcessHandle.current()).toString());
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops and removes what killed JVMs of this user left. */
    static void sweepAll() {
        try {
            sweep(siblings());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path siblings() throws IOException {
        return Files.createDirectories(
                Path.of(System.getProperty("java.io.tmpdir"), "anchorhold-" + System.getProperty("user.name")));
    }

    /** Stops and removes all worlds in the folder whose owner runs no more. */
    static void sweep(Path siblings) throws IOException {
        try (DirectoryStream<Path> worlds = Files.newDirectoryStream(siblings)) {
            for (Path world : worlds) {
                boolean owned = Daemon.Identity.read(world.resolve(OWNER))
                        .flatMap(Daemon.Identity::running)
                        .isPresent();
                if (!owned && Files.exists(world.resolve(OWNER))) {
                    sweepOne(world);
                }
            }
        }
    }

    /** Another process may sweep the same one: then files vanish while we look at them, and it is done all the same. */
    private static void sweepOne(Path world) throws IOException {
        try {
            stopAllIn(world);
            delete(world);
        } catch (NoSuchFileException _) {
            // as said
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) {
                throw e;
            }
        }
    }

    /** Stops the leftovers of every part: a part keeps its pid files in a folder of its own. */
    static List<String> stopAllIn(Path world) throws IOException {
        List<String> stopped = new ArrayList<>();
        try (Stream<Path> folders = Files.find(world, 2, (_, it) -> it.isDirectory())) {
            for (Path folder : folders.toList()) {
                stopped.addAll(Daemon.stopLeftovers(folder));
                if (Postgres.stopLeftover(folder)) {
                    stopped.add("postgres");
                }
            }
        }
        return stopped;
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
