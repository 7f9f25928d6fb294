package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anchorhold.ledger.merkle.MerkleTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * An event as {@code /api/audit-events} returned it, read from a file to be compared with the log. Its leaf is computed here
 * from the JSON alone (docs/log.md): the entry is SHA-256 of the nonce and the event's canonical form.
 *
 * @param leafHash what the log must have at {@code index} if the event is genuine
 * @param file where it was read, for messages
 */
record ExportedEvent(long index, byte[] leafHash, String file) {

    /** @throws IllegalArgumentException when the file has no events in the form that the API gives them in */
    static List<ExportedEvent> read(Path file) throws IOException {
        try {
            return items(MinimalJson.read(Files.readString(file))).stream()
                    .map(item -> parse(item, file))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()));
        }
    }

    /** A page as it is answered, a list of events, or one of them. */
    private static List<?> items(Object json) {
        return switch (json) {
            case List<?> list -> list;
            case Map<?, ?> page when page.get("items") instanceof List<?> list -> list;
            case null, default -> List.of(json == null ? "" : json);
        };
    }

    private static ExportedEvent parse(Object item, Path file) {
        if (item instanceof Map<?, ?> map
                && map.get("index") instanceof Long index
                && map.get("nonce") instanceof String nonce
                && map.get("event") instanceof Map<?, ?> event) {
            var commitment = sha256(
                    Base64.getDecoder().decode(nonce),
                    MinimalJson.canonical(event).getBytes(UTF_8));
            return new ExportedEvent(index, MerkleTree.leafHash(commitment), file.toString());
        }
        throw new IllegalArgumentException("an event has to have an index, a nonce and the event itself");
    }

    private static byte[] sha256(byte[] nonce, byte[] event) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(nonce);
            return digest.digest(event);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
