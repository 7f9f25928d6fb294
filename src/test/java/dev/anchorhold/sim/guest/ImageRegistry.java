package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Prepares a world's image registry: Debian's docker-registry, in plain HTTP at 172.31.1.1:5000, where only guests
 * reach it; and the same images once more behind a login, on the next port.
 */
final class ImageRegistry {

    static final String PRIVATE = "172.31.1.1:5001";
    static final String USER = "robot";
    static final String PASSWORD = "let-me-pull";

    /** USER and PASSWORD as htpasswd keeps them (bcrypt). */
    private static final String ACCOUNTS = "robot:$2y$05$abcdefghijklmnopqrstuucCZeJdrAgCPNDV0D5WMVlxjAoEEY.vu\n";

    private ImageRegistry() {}

    /**
     * Puts the sample Agent's image into its storage, where it can be built here, and beside what a person pushed.
     *
     * @param folder the world's folder for guests
     * @return its configurations: the open one's, and that of the one which wants a login
     */
    static List<Path> prepare(Path folder) {
        var storage = folder.resolve("registry");
        try {
            Files.createDirectories(storage);
            SampleAgentImage.folder()
                    .ifPresent(image -> HostCommand.of("cp", "-r", image.resolve("registry") + "/.", storage.toString())
                            .run());
            String open = """
                    version: 0.1
                    log: {level: warn, accesslog: {disabled: true}}
                    storage: {filesystem: {rootdirectory: '%s'}}
                    """.formatted(storage);
            Path accounts = Files.writeString(folder.resolve("registry-accounts"), ACCOUNTS);
            return List.of(
                    Files.writeString(folder.resolve("registry.yml"), open + "http: {addr: '172.31.1.1:5000'}\n"),
                    Files.writeString(folder.resolve("registry-private.yml"), open + """
                            http: {addr: '%s'}
                            auth: {htpasswd: {realm: private, path: '%s'}}
                            """.formatted(PRIVATE, accounts)));
        } catch (IOException e) {
            throw new GuestFailure("the registry's folder cannot be written: " + storage, e);
        }
    }
}
