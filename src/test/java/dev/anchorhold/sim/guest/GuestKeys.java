package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The keys of scripted guests, by which the door knows them: a guest's disk has them, so they outlive the process that plays it, where
 * there is a folder for them.
 *
 * @param folder empty when they end with this process
 */
record GuestKeys(Optional<Path> folder) {
    private static final String ALGORITHM = "Ed25519";

    /** The server's, made when there are none yet. */
    KeyPair of(long serverId) {
        try {
            if (folder.isEmpty()) {
                return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            }
            Path file = file(folder.get(), serverId);
            if (Files.notExists(file)) {
                store(KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair(), file);
            }
            return load(file);
        } catch (GeneralSecurityException | IOException e) {
            throw new GuestFailure("the keys of server %d cannot be had".formatted(serverId), e);
        }
    }

    /** As the disk goes with its server. */
    void delete(long serverId) {
        folder.ifPresent(it -> {
            try {
                Files.deleteIfExists(file(it, serverId));
            } catch (IOException e) {
                throw new GuestFailure("the keys of server %d cannot be removed".formatted(serverId), e);
            }
        });
    }

    private static Path file(Path folder, long serverId) {
        return folder.resolve(serverId + ".keys");
    }

    /** Whole or not at all: the process may be killed meanwhile. */
    private static void store(KeyPair keys, Path file) throws IOException {
        Base64.Encoder base64 = Base64.getEncoder();
        Path half = Files.createDirectories(file.getParent()).resolve(file.getFileName() + ".new");
        Files.write(
                half,
                List.of(
                        base64.encodeToString(keys.getPublic().getEncoded()),
                        base64.encodeToString(keys.getPrivate().getEncoded())));
        Files.move(half, file);
    }

    private static KeyPair load(Path file) throws IOException, GeneralSecurityException {
        List<String> lines = Files.readAllLines(file);
        KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
        return new KeyPair(
                factory.generatePublic(
                        new X509EncodedKeySpec(Base64.getDecoder().decode(lines.get(0)))),
                factory.generatePrivate(
                        new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines.get(1)))));
    }
}
