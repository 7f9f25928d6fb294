package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidField;

/** Texts of the books are one line, without control characters: so their canonical form needs no rare escapes. */
final class Line {
    private Line() {}

    static void check(String text, int longest, String field) {
        InvalidField.text(text, longest, field);
        InvalidField.unless(
                text.chars().noneMatch(Character::isISOControl), field, "must be one line, without control characters");
        InvalidField.unless(
                text.codePoints().noneMatch(it -> Character.getType(it) == Character.SURROGATE),
                field,
                "must be Unicode");
    }
}
