package dev.anchorhold.platform;

import java.util.regex.Pattern;

/** A message breaks its rules: which field, and what it must be. Never says what it was, since that may be a secret. */
public final class InvalidField extends IllegalArgumentException {
    private final String field;

    private InvalidField(String field, String rule) {
        super(field + " " + rule);
        this.field = field;
    }

    public String field() {
        return field;
    }

    public static void unless(boolean holds, String field, String rule) {
        if (!holds) {
            throw new InvalidField(field, rule);
        }
    }

    public static <T> void present(T value, String field) {
        unless(value != null, field, "must be given");
    }

    public static void text(String value, int longest, String field) {
        present(value, field);
        unless(!value.isEmpty() && value.length() <= longest, field, "must have 1 to %d characters".formatted(longest));
    }

    public static void form(String value, Pattern pattern, String field, String rule) {
        present(value, field);
        unless(pattern.matcher(value).matches(), field, rule);
    }
}
