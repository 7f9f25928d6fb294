package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/**
 * A kubeconfig: the address of a cluster and the credentials of a user.
 *
 * @param server the API server's address
 * @param authority the certificates to trust, PEM
 * @param token the bearer token; never printed
 * @param namespace used where a command names none
 */
record Kubeconfig(String server, String authority, String token, String namespace) {

    /** Writes it as a kubeconfig file that only its owner may read. */
    Path write(Path file) {
        String text = """
                apiVersion: v1
                kind: Config
                current-context: anchorhold
                clusters:
                - name: anchorhold
                  cluster:
                    server: %s
                    certificate-authority-data: %s
                users:
                - name: anchorhold
                  user:
                    token: %s
                contexts:
                - name: anchorhold
                  context:
                    cluster: anchorhold
                    user: anchorhold
                    namespace: %s
                """.formatted(
                        server,
                        Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8)),
                        token,
                        namespace);
        return writePrivately(file, text);
    }

    static Path writePrivately(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "Kubeconfig[" + server + ", namespace " + namespace + "]";
    }
}
