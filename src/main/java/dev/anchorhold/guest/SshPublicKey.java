package dev.anchorhold.guest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses and checks one line of an OpenSSH public key: the blob is whole (RFC 4253, 6.6), of an algorithm that current
 * servers accept, and of the same one as the line says. A key that was cut off while it was copied would lock its owner
 * out.
 */
public record SshPublicKey(String algorithm, String blob, String comment) {
    private static final int ED25519_BYTES = 32;

    /** Of how many strings the blob consists, the algorithm's name among them. */
    private static final Map<String, Integer> PARTS = Map.of(
            "ssh-ed25519", 2,
            "ssh-rsa", 3,
            "ecdsa-sha2-nistp256", 3,
            "ecdsa-sha2-nistp384", 3,
            "ecdsa-sha2-nistp521", 3,
            "sk-ssh-ed25519@openssh.com", 3,
            "sk-ecdsa-sha2-nistp256@openssh.com", 4);

    /** No line breaks of any kind, nothing invisible, nothing that a YAML parser would refuse. */
    private static final Pattern COMMENT = Pattern.compile("[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ]*");

    /** Empty when the text is not a public key. */
    public static Optional<SshPublicKey> parse(String line) {
        String[] words = line.strip().split(" ", 3);
        if (words.length < 2) {
            return Optional.empty();
        }
        var key = new SshPublicKey(words[0], words[1], words.length > 2 ? words[2] : "");
        return key.isWhole() && COMMENT.matcher(key.comment).matches() ? Optional.of(key) : Optional.empty();
    }

    private boolean isWhole() {
        List<byte[]> parts = parts();
        return parts.size() == PARTS.getOrDefault(algorithm, -1)
                && new String(parts.getFirst(), StandardCharsets.US_ASCII).equals(algorithm)
                && (!algorithm.contains("ed25519") || parts.get(1).length == ED25519_BYTES);
    }

    /** Nothing when the blob is no Base64, or ends in the middle of a part. */
    private List<byte[]> parts() {
        try {
            var blob = ByteBuffer.wrap(Base64.getDecoder().decode(this.blob));
            List<byte[]> parts = new ArrayList<>();
            while (blob.hasRemaining()) {
                int length = blob.remaining() < Integer.BYTES ? -1 : blob.getInt();
                if (length <= 0 || length > blob.remaining()) {
                    return List.of();
                }
                byte[] part = new byte[length];
                blob.get(part);
                parts.add(part);
            }
            return parts;
        } catch (IllegalArgumentException notBase64) {
            return List.of();
        }
    }

    public String line() {
        return comment.isEmpty() ? algorithm + " " + blob : algorithm + " " + blob + " " + comment;
    }
}
