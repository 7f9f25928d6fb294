package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A port of the fabric's gateway that is forwarded to a port of this computer ({@code gates.py} does it). */
enum PortForward {
    /** 172.31.1.1:8080, HTTP, with the guest's address in X-Forwarded-For. */
    DOOR,
    /** 172.31.1.1:7844, where connectors dial in. */
    EDGE;

    /** @param folder the world's folder for guests */
    static Path folder(Path folder) {
        try {
            return Files.createDirectories(folder.resolve("gates"));
        } catch (IOException e) {
            throw new GuestFailure("the world's folder cannot be written: " + folder, e);
        }
    }

    /**
     * Forwards it to a port from now on, whether the world's guests run already or not.
     *
     * @param port on 127.0.0.1 of this computer
     */
    void forwardTo(Path folder, int port) {
        var file = folder(folder).resolve(name().toLowerCase(java.util.Locale.ROOT));
        try {
            var written = Files.writeString(file.resolveSibling(name() + ".new"), Integer.toString(port));
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new GuestFailure("the port forward cannot be set: " + file, e);
        }
    }
}
