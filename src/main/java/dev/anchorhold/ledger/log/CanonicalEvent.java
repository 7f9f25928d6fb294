package dev.anchorhold.ledger.log;

import java.time.Instant;
import java.util.HexFormat;

/**
 * Serialises what the log has to its canonical bytes (docs/log.md): JSON by RFC 8785, which means keys in order, no blanks, one
 * way to write each value.
 */
public final class CanonicalEvent {
    /** Counts up when the form changes; the events of older forms stay as they are. */
    private static final int VERSION = 1;

    private static final int DECIMALS = 6;

    private CanonicalEvent() {}

    public static byte[] bytes(LogEvent event) {
        var subject = event.subject();
        var entry = event.entry();
        return new CanonicalJson()
                .text("account", entry.account())
                .text("at", instant(entry.at()))
                .text("by", entry.by())
                .text("event", entry.event().wire())
                .text("kind", subject.kind().name())
                .text("name", subject.name())
                .text("namespace", subject.namespace())
                .text("previousAccount", entry.previousAccount())
                .text("reason", entry.reason())
                .text("recordedAt", instant(event.recordedAt()))
                .text("region", subject.region())
                .text("resource", subject.uid())
                .number("sequence", entry.sequence())
                .text("size", subject.size())
                .text("state", entry.state() == null ? null : entry.state().name())
                .number("v", VERSION)
                .number("volumeGiB", entry.volumeGiB())
                .bytes();
    }

    static byte[] bytes(Commitment it) {
        return new CanonicalJson()
                .text("account", it.account())
                .text("digest", HexFormat.of().formatHex(it.digest()))
                .text("kind", it.type().name())
                .text("name", it.name())
                .text("recordedAt", instant(it.recordedAt()))
                .number("v", VERSION)
                .bytes();
    }

    /** Always six decimals: {@code 2026-11-24T17:20:16.123456Z}. */
    public static String instant(Instant it) {
        String text = it.toString(); // with none, three, six or nine decimals
        int end = text.length() - 1;
        int point = text.indexOf('.');
        String decimals = point < 0 ? "" : text.substring(point + 1, end);
        return text.substring(0, point < 0 ? end : point) + '.' + (decimals + "000000").substring(0, DECIMALS) + 'Z';
    }
}
