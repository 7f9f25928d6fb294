package dev.anchorhold.operator.pipeline;

import java.util.Optional;

/** Reason and message of why nothing may be built for an object now. {@code reason} is one of {@code Reasons}. */
public record AdmissionRefusal(String reason, String message) {

    public static Optional<AdmissionRefusal> of(String reason, String message, Object... values) {
        return Optional.of(new AdmissionRefusal(reason, message.formatted(values)));
    }
}
