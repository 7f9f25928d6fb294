package dev.anchorhold.platform;

import java.util.regex.Pattern;

/**
 * Thrown when a message breaks its rules: says which field, and what it must be. Never says what it was, since that may
 * be a secret.
 */
public final class InvalidFieldException extends IllegalArgumentException {
    private final String field;

    private InvalidFieldException(String field, String rule) {
        super(field + " " + rule);
        this.field = field;
    }

    public String field() {
        return field;
    }

    public static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new InvalidFieldException(field, rule);
        }
    }

    public static <T> void requirePresent(T value, String field) {
        require(value != null, field, "must be given");
    }

    public static void requireText(String value, int maxLength, String field) {
        requirePresent(value, field);
        require(
                !value.isEmpty() && value.length() <= maxLength,
                field,
                "must have 1 to %d characters".formatted(maxLength));
    }

    public static void requireMatch(String value, Pattern pattern, String field, String rule) {
        requirePresent(value, field);
        require(pattern.matcher(value).matches(), field, rule);
    }
}
