package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidField;

/** Texts of the books are one line, without control characters: so their canonical form needs no rare escapes. */
final class Line {
    private Line() {}

    static void check(String text, int longest, String field) {
        InvalidField.text(text, longest, field);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            InvalidField.unless(!Character.isISOControl(c), field, "must be one line, without control characters");
            InvalidField.unless(Character.getType(c) != Character.SURROGATE, field, "must be Unicode");
            i += Character.charCount(c);
        }
    }
}
