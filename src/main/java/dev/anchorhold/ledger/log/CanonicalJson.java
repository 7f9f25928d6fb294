package dev.anchorhold.ledger.log;

import java.nio.charset.StandardCharsets;

/**
 * Writes one flat object of texts and whole numbers by RFC 8785, which means no blanks and one way to write each value. The
 * caller gives the keys in their order.
 */
public final class CanonicalJson {
    private static final String SHORT_ESCAPES = "\b\t\n\f\r\"\\";

    private final StringBuilder json = new StringBuilder(400).append('{');

    /** What is null is left out. */
    public CanonicalJson text(String key, String value) {
        if (value != null) {
            key(key).append('"');
            for (int i = 0; i < value.length(); i++) {
                append(value.charAt(i));
            }
            json.append('"');
        }
        return this;
    }

    private void append(char c) {
        int escape = c > '\\' ? -1 : SHORT_ESCAPES.indexOf(c);
        if (escape >= 0) {
            json.append('\\').append("btnfr\"\\".charAt(escape));
        } else if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
        } else {
            json.append(c);
        }
    }

    /** What is null is left out. */
    public CanonicalJson number(String key, Number value) {
        if (value != null) {
            key(key).append(value.longValue());
        }
        return this;
    }

    private StringBuilder key(String key) {
        return json.append(json.length() == 1 ? "\"" : ",\"").append(key).append("\":");
    }

    public byte[] bytes() {
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }
}
