package dev.anchorhold.door;

import dev.anchorhold.platform.OpaqueTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what must not lie in the database in clear: AES-256-GCM, a random 96-bit nonce each, bound to what it is for and
 * whose it is, so that a ciphertext moved elsewhere opens nothing (F59). Form: version (1 byte), key id (8), nonce (12),
 * ciphertext with tag. docs/decisions/0012-sealed-by-the-jdk.md says why by the JDK.
 */
final class SealingCipher {
    private static final byte VERSION = 1;
    private static final int KEY_BYTES = 32;
    private static final int ID_BYTES = 8;
    private static final int NONCE_BYTES = 12;
    private static final int HEAD_BYTES = 1 + ID_BYTES + NONCE_BYTES;
    private static final int TAG_BITS = 128;

    private final SecureRandom random = new SecureRandom();
    private final List<Key> keys;

    /** @param id the first 8 bytes of the key's SHA-256: tells keys apart, tells nothing of them */
    private record Key(byte[] id, SecretKeySpec key) {
        Key(byte[] raw) {
            this(Arrays.copyOf(OpaqueTokens.sha256(raw), ID_BYTES), new SecretKeySpec(raw, "AES"));
        }
    }

    /** What a ciphertext is bound to: purpose first, then whose and until when. */
    record AssociatedData(String purpose, String agent, String server, String until) {

        static AssociatedData payload(String agent, String server, Instant expiresAt) {
            return new AssociatedData(
                    "payload", agent, server, Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, expiresAt)));
        }

        static AssociatedData settings(String agent, long version) {
            return new AssociatedData("settings", agent, "", Long.toString(version));
        }

        /** Of no agent: whose it is, is for the database to say. */
        static AssociatedData callback() {
            return new AssociatedData("callback", "", "", "");
        }

        static AssociatedData nonce(String agent) {
            return new AssociatedData("nonce", agent, "", "");
        }
    }

    /** It cannot be opened: another key, another binding, or changed. */
    static final class CannotOpenException extends RuntimeException {
        private CannotOpenException(String why) {
            super(why);
        }
    }

    /** @param keys 32 bytes each: the first seals, all open */
    SealingCipher(List<byte[]> keys) {
        if (keys.isEmpty() || keys.stream().anyMatch(key -> key.length != KEY_BYTES)) {
            throw new IllegalArgumentException("sealing keys must be 32 bytes, and there must be one");
        }
        this.keys = keys.stream().map(Key::new).toList();
    }

    /** The keys in these files, in base64. */
    static SealingCipher fromFiles(List<Path> files) {
        return new SealingCipher(files.stream().map(SealingCipher::key).toList());
    }

    private static byte[] key(Path file) {
        try {
            byte[] key = Base64.getDecoder().decode(Files.readString(file).strip());
            if (key.length == KEY_BYTES) {
                return key;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the sealing key " + file + " cannot be read", e);
        } catch (IllegalArgumentException _) {
            // said below, without a word of what is in the file
        }
        throw new IllegalArgumentException("the sealing key " + file + " must be 32 bytes in base64");
    }

    byte[] seal(byte[] clear, AssociatedData to) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] head = ByteBuffer.allocate(HEAD_BYTES)
                .put(VERSION)
                .put(keys.getFirst().id)
                .put(nonce)
                .array();
        try {
            byte[] body = cipher(Cipher.ENCRYPT_MODE, keys.getFirst(), head, to).doFinal(clear);
            return ByteBuffer.allocate(head.length + body.length)
                    .put(head)
                    .put(body)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws CannotOpenException when it was not sealed so, by any of our keys */
    byte[] open(byte[] sealed, AssociatedData to) {
        if (sealed.length < HEAD_BYTES || sealed[0] != VERSION) {
            throw new CannotOpenException("not a sealed text");
        }
        byte[] head = Arrays.copyOf(sealed, HEAD_BYTES);
        Key key = keys.stream()
                .filter(it -> Arrays.equals(it.id, 0, ID_BYTES, head, 1, 1 + ID_BYTES))
                .findFirst()
                .orElseThrow(() -> new CannotOpenException("sealed with a key that is not configured any more"));
        try {
            return cipher(Cipher.DECRYPT_MODE, key, head, to).doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES);
        } catch (GeneralSecurityException _) {
            throw new CannotOpenException("sealed for something else, or changed");
        }
    }

    private static Cipher cipher(int mode, Key key, byte[] head, AssociatedData to) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.key, new GCMParameterSpec(TAG_BITS, head, 1 + ID_BYTES, NONCE_BYTES));
        cipher.updateAAD(head, 0, 1 + ID_BYTES);
        for (String part : List.of(to.purpose, to.agent, to.server, to.until)) {
            byte[] text = part.getBytes(StandardCharsets.UTF_8);
            cipher.updateAAD(
                    ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
            cipher.updateAAD(text);
        }
        return cipher;
    }

    /** The ids of the keys that only open: what is sealed with them should be sealed anew. */
    byte[][] oldKeyIds() {
        return keys.stream().skip(1).map(Key::id).toArray(byte[][]::new);
    }

    /** How many bytes before a ciphertext's key id, and how many it has. */
    static final int KEY_ID_AT = 1;

    static final int KEY_ID_BYTES = ID_BYTES;
}
