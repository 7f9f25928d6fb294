package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Reads events as {@code /api/audit-events} returned them, from a file, to be compared with the log. Their leaves are computed
 * here from the JSON alone.
 */
final class ExportedEvent {
    private ExportedEvent() {}

    /** @throws IllegalArgumentException when the file has no events in the form that the API gives them in */
    static List<ExpectedLeaf> read(Path file) throws IOException {
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

    private static ExpectedLeaf parse(Object item, Path file) {
        if (item instanceof Map<?, ?> map
                && map.get("index") instanceof Long index
                && map.get("nonce") instanceof String nonce
                && map.get("event") instanceof Map<?, ?> event) {
            return ExpectedLeaf.of(
                    index,
                    Base64.getDecoder().decode(nonce),
                    MinimalJson.canonical(event).getBytes(UTF_8),
                    "event",
                    file.toString());
        }
        throw new IllegalArgumentException("an event has to have an index, a nonce and the event itself");
    }
}
