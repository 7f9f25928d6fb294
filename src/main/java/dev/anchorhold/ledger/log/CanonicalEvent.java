package dev.anchorhold.ledger.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Serialises an event to its canonical bytes (docs/log.md): JSON by RFC 8785, which means keys in order, no blanks, one way to
 * write each value. Written by hand, since the texts of the ledger have no control characters and the numbers are whole: what
 * remains is short.
 */
public final class CanonicalEvent {
    /** Counts up when the form changes; the events of older forms stay as they are. */
    private static final int VERSION = 1;

    private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StringBuilder json = new StringBuilder(400).append('{');

    private CanonicalEvent() {}

    public static byte[] bytes(LogEvent event) {
        var subject = event.subject();
        var entry = event.entry();
        return new CanonicalEvent()
                .text("account", entry.account())
                .text("at", instant(entry.at()))
                .text("by", entry.by())
                .text("event", entry.event().wire())
                .text("kind", subject.kind().name())
                .text("name", subject.name())
                .text("namespace", subject.namespace())
                .text("previousAccount", entry.previousAccount())
                .text("recordedAt", instant(event.recordedAt()))
                .text("region", subject.region())
                .text("resource", subject.uid())
                .number("sequence", entry.sequence())
                .text("size", subject.size())
                .text("state", entry.state() == null ? null : entry.state().name())
                .number("v", VERSION)
                .bytes();
    }

    /** Always six decimals: {@code 2026-11-24T17:20:16.123456Z}. */
    public static String instant(Instant it) {
        return INSTANT.format(it);
    }

    /** What is null is left out. */
    private CanonicalEvent text(String key, String value) {
        if (value != null) {
            key(key).append('"');
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c == '"' || c == '\\') {
                    json.append('\\');
                }
                json.append(c);
            }
            json.append('"');
        }
        return this;
    }

    private CanonicalEvent number(String key, long value) {
        key(key).append(value);
        return this;
    }

    private StringBuilder key(String key) {
        return json.append(json.length() == 1 ? "\"" : ",\"").append(key).append("\":");
    }

    private byte[] bytes() {
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }
}
