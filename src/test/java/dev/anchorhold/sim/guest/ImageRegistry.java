package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prepares a world's image registry: Debian's docker-registry, in plain HTTP at 172.31.1.1:5000, where only guests
 * reach it.
 */
final class ImageRegistry {

    private ImageRegistry() {}

    /**
     * Puts the sample Agent's image into its storage, where it can be built here, and beside what a person pushed.
     *
     * @param folder the world's folder for guests
     * @return its configuration
     */
    static Path prepare(Path folder) {
        var storage = folder.resolve("registry");
        try {
            Files.createDirectories(storage);
            SampleAgentImage.folder()
                    .ifPresent(image -> HostCommand.of("cp", "-r", image.resolve("registry") + "/.", storage.toString())
                            .run());
            return Files.writeString(folder.resolve("registry.yml"), """
                    version: 0.1
                    log: {level: warn, accesslog: {disabled: true}}
                    storage: {filesystem: {rootdirectory: '%s'}}
                    http: {addr: '172.31.1.1:5000'}
                    """.formatted(storage));
        } catch (IOException e) {
            throw new GuestFailure("the registry's folder cannot be written: " + storage, e);
        }
    }
}
