package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidFieldException;

/** Texts of the books are one line, without control characters: so their canonical form needs no rare escapes. */
final class SingleLineText {
    private SingleLineText() {}

    static void check(String text, int longest, String field) {
        InvalidFieldException.requireText(text, longest, field);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            InvalidFieldException.require(
                    !Character.isISOControl(c), field, "must be one line, without control characters");
            InvalidFieldException.require(Character.getType(c) != Character.SURROGATE, field, "must be Unicode");
            i += Character.charCount(c);
        }
    }
}
