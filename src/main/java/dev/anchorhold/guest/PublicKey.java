package dev.anchorhold.guest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** One line of an OpenSSH public key, checked: the blob is Base64 and names the same algorithm as the line (RFC 4253, 6.6). */
public record PublicKey(String algorithm, String blob, String comment) {

    /** Empty when the text is not a public key. */
    public static Optional<PublicKey> parse(String line) {
        String[] parts = line.strip().split(" ", 3);
        if (parts.length < 2 || line.chars().anyMatch(Character::isISOControl)) {
            return Optional.empty();
        }
        try {
            ByteBuffer blob = ByteBuffer.wrap(Base64.getDecoder().decode(parts[1]));
            if (blob.remaining() < 4) {
                return Optional.empty();
            }
            int length = blob.getInt();
            if (length <= 0 || length > 64 || length > blob.remaining()) {
                return Optional.empty();
            }
            byte[] name = new byte[length];
            blob.get(name);
            return new String(name, StandardCharsets.US_ASCII).equals(parts[0])
                    ? Optional.of(new PublicKey(parts[0], parts[1], parts.length > 2 ? parts[2] : ""))
                    : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    public String line() {
        return comment.isEmpty() ? algorithm + " " + blob : algorithm + " " + blob + " " + comment;
    }
}
