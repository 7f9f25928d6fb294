package dev.anchorhold.dashboard;

import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import io.quarkus.qute.TemplateExtension;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How pages write instants, durations and states: what templates call {@code show:…}. */
@TemplateExtension(namespace = "show")
final class Format {
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter INSTANT =
            DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private static final Pattern BROWSER =
            Pattern.compile("(Edg|Firefox|HeadlessChrome|Chromium|Chrome|Version|curl)/([0-9]+)");

    private static final Map<String, String> BROWSERS =
            Map.of("Edg", "Edge", "HeadlessChrome", "Chromium", "Version", "Safari");
    private static final List<String> SYSTEMS = List.of("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux");

    private Format() {}

    static String month(YearMonth it) {
        return MONTH.format(it);
    }

    /** To the minute, of UTC; the exact instant is in the element's {@code datetime}. */
    static String instant(Instant it) {
        return INSTANT.format(it);
    }

    /** {@code 3 d 4 h}, {@code 4 h 5 min}, {@code 5 min 6 s}. */
    static String duration(Duration it) {
        if (it.toDays() > 0) {
            return "%d d %d h".formatted(it.toDays(), it.toHoursPart());
        }
        if (it.toHours() > 0) {
            return "%d h %d min".formatted(it.toHours(), it.toMinutesPart());
        }
        return it.toMinutes() > 0
                ? "%d min %d s".formatted(it.toMinutes(), it.toSecondsPart())
                : "%d s".formatted(it.toSeconds());
    }

    /** A PlainVm that is stopped is billed as one that runs, so the books know it as Running from its first to its last instant. */
    static String state(Kind kind, State state) {
        return kind == Kind.PlainVm ? "exists" : state.name().toLowerCase(Locale.ROOT);
    }

    /** {@code Firefox 145 on Linux}, of what a browser says of itself; all that it says where that is nothing known. */
    static String browser(String userAgent) {
        Matcher name = BROWSER.matcher(userAgent.replaceFirst("Chrome/[0-9.]+ (?=.*Edg/)", ""));
        if (!name.find()) {
            return userAgent.isEmpty() ? "unknown" : userAgent;
        }
        String called = BROWSERS.getOrDefault(name.group(1), name.group(1));
        return "%s %s%s"
                .formatted(
                        called,
                        name.group(2),
                        SYSTEMS.stream()
                                .filter(userAgent::contains)
                                .findFirst()
                                .map(it -> " on " + it)
                                .orElse(""));
    }
}
