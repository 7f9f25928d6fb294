package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
            Path owner = Files.writeString(
                    folder.resolve(OWNER + ".new"),
                    Daemon.Identity.of(ProcessHandle.current()).toString());
            Files.move(
                    owner,
                    folder.resolve(OWNER),
                    StandardCopyOption.ATOMIC_MOVE); // whole, or not there: others read it
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

    /** The user's own folder. Its name can be guessed, and whoever made it first could put worlds of theirs in the place of ours. */
    private static Path siblings() throws IOException {
        String user = System.getProperty("user.name");
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "anchorhold-" + user);
        Files.createDirectories(folder);
        if (Files.isSymbolicLink(folder) || !Files.getOwner(folder).getName().equals(user)) {
            throw new WorldFailure(
                    folder + " is not " + user + "'s own folder. Remove it, or name another by TMPDIR and"
                            + " JAVA_TOOL_OPTIONS=-Djava.io.tmpdir");
        }
        return folder;
    }

    /** Stops and removes all worlds in the folder whose owner runs no more. */
    static void sweep(Path siblings) throws IOException {
        try (DirectoryStream<Path> worlds = Files.newDirectoryStream(siblings)) {
            for (Path world : worlds) {
                // Read once: a folder without an owner is being made at this moment, or is none of ours.
                var owner = Daemon.Identity.read(world.resolve(OWNER));
                if (owner.isPresent() && owner.get().running().isEmpty()) {
                    sweepOne(world);
                }
            }
        }
    }

    /**
     * Another process may sweep the same one: then files vanish while we look at them, and it is done all the same. What cannot be
     * swept for another reason is said, and does not stop whoever wants a folder of its own.
     */
    private static void sweepOne(Path world) {
        try {
            stopAllIn(world);
            delete(world);
        } catch (IOException | RuntimeException e) {
            if (Files.exists(world.resolve(OWNER))) {
                System.err.printf("%s, left by a process that was killed, cannot be removed: %s%n", world, e);
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
