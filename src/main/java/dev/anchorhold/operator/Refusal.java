package dev.anchorhold.operator;

import java.util.Optional;

/** Why nothing may be built for an object: a person is needed, or the time. {@code reason} is one of {@code Reasons}. */
public record Refusal(String reason, String message) {

    public static Optional<Refusal> of(String reason, String message, Object... values) {
        return Optional.of(new Refusal(reason, message.formatted(values)));
    }
}
