package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Reserves TCP ports on 127.0.0.1, the only address that anything in the world listens on, for programs that must be told theirs
 * before they listen. Two JVMs never get the same one, nor does one JVM get it twice: a port that is merely free may be taken by
 * somebody else before the program listens. A reservation is a lock on the port's byte of a file that all JVMs of this user
 * share; it ends with the JVM, however that ends.
 */
public final class Ports {
    /** Below those that Linux gives to outgoing connections, so that none of these sits on a port that a program is about to use. */
    private static final int FIRST = 10_000;

    private static final int LAST = 32_767;

    private static final FileChannel RESERVATIONS = open();
    private static final Map<Integer, FileLock> OURS = new HashMap<>();

    private Ports() {}

    /** A port that is free now, and that nobody else is given as long as this JVM lives. */
    public static synchronized int free() {
        for (int attempt = 0; attempt < LAST - FIRST; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            if (!OURS.containsKey(port) && isFree(port) && reserve(port)) {
                return port;
            }
        }
        throw new WorldFailure("No TCP port of 127.0.0.1 between %d and %d is free".formatted(FIRST, LAST));
    }

    /** The wanted port, or the next one after it that is free and that no other JVM was given. */
    public static synchronized int freeFrom(int wanted) {
        for (int port = wanted; port < Math.min(wanted + 1_000, 65_536); port++) {
            // One of ours again only where it is asked for by its number, as by what restarts: parts start side by
            // side.
            if (isFree(port) && (OURS.containsKey(port) ? port == wanted : reserve(port))) {
                return port;
            }
        }
        return free();
    }

    private static boolean reserve(int port) {
        try {
            FileLock lock = RESERVATIONS.tryLock(port, 1, false);
            if (lock == null) {
                return false;
            }
            OURS.put(port, lock);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Never closed: the system lets go of all locks of a process when it closes the file once. */
    private static FileChannel open() {
        try {
            Path folder =
                    Path.of(System.getProperty("java.io.tmpdir"), "anchorhold-" + System.getProperty("user.name"));
            Files.createDirectories(folder);
            return FileChannel.open(
                    folder.resolve("reserved-ports"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
