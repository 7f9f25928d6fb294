package dev.anchorhold.platform;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes a text from outside fit to be stored, logged and shown: one line, no control characters, bounded. */
public final class Printable {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\s]+");

    private Printable() {}

    /** The first of them, separated by commas, with an ellipsis where there are more. */
    public static String first(int most, List<String> names) {
        return names.stream().limit(most).collect(Collectors.joining(", ")) + (names.size() > most ? ", …" : "");
    }

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
