package dev.anchorhold.door;

import java.util.Optional;
import java.util.UUID;

/** Parses Agents' UIDs, in the one form that Kubernetes writes. */
final class Uids {
    private Uids() {}

    static Optional<UUID> parse(String text) {
        try {
            return Optional.ofNullable(text)
                    .map(UUID::fromString)
                    .filter(uid -> uid.toString().equals(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
