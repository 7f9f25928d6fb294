package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidFieldException;

/** Validates texts of the ledger: one line, without control characters, so that their canonical form needs no rare escapes. */
final class SingleLineText {
    private SingleLineText() {}

    static void check(String text, int maxLength, String field) {
        InvalidFieldException.requireText(text, maxLength, field);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            InvalidFieldException.require(
                    !Character.isISOControl(c), field, "must be one line, without control characters");
            InvalidFieldException.require(Character.getType(c) != Character.SURROGATE, field, "must be Unicode");
            i += Character.charCount(c);
        }
    }
}
