package dev.anchorhold.platform;

import java.util.regex.Pattern;

/** Makes a text from outside fit to be stored, logged and shown: one line, no control characters, bounded. */
public final class Printable {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\s]+");

    private Printable() {}

    /** Null stays null; what is longer than {@code maxLength} characters ends in an ellipsis. */
    public static String line(String text, int maxLength) {
        if (text == null) {
            return null;
        }
        String head = text.substring(0, Math.min(text.length(), 4 * maxLength));
        String line = UNPRINTABLE.matcher(head).replaceAll(" ").strip();
        if (line.codePointCount(0, line.length()) <= maxLength) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, maxLength)) + "…";
    }
}
