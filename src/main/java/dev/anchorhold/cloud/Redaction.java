package dev.anchorhold.cloud;

import java.util.List;
import java.util.regex.Pattern;

/** Makes a text that came from outside fit to be shown: one line, bounded, without what the request held in confidence (F28). */
public final class Redaction {
    private static final int MAX_LENGTH = 300;
    private static final int MIN_SECRET_LENGTH = 6;
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\s]+");
    private static final Pattern TOKEN_LIKE = Pattern.compile("[A-Za-z0-9+/]{64,}={0,2}|(?i)bearer\\s+\\S+");

    private Redaction() {}

    public static String clean(String text, List<String> confidential) {
        if (text == null) return "";
        var clean = text;
        for (var secret : confidential)
            for (var line : secret.split("\\R"))
                if (line.strip().length() >= MIN_SECRET_LENGTH) clean = clean.replace(line.strip(), "***");
        clean = TOKEN_LIKE
                .matcher(CONTROL.matcher(clean).replaceAll(" "))
                .replaceAll("***")
                .strip();
        return clean.length() <= MAX_LENGTH ? clean : clean.substring(0, MAX_LENGTH) + "…";
    }
}
