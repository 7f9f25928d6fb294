package dev.anchorhold.api;

import dev.anchorhold.platform.web.HttpProblem;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Parses and validates query and path parameters. What breaks a rule is a 400 that names the field and what it must be, and
 * quotes nothing.
 */
public final class QueryParameters {
    static final String DEFAULT_LIMIT = "100";
    static final int MAX_LIMIT = 1_000;

    static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern MONTH = Pattern.compile("[0-9]{4}-[0-9]{2}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");
    private static final int FIRST_YEAR = 2000;
    private static final int LAST_YEAR = 2999;

    private QueryParameters() {}

    /** From {@code from} until just before {@code to}; without one of them the range has no such end. */
    record TimeRange(Optional<Instant> from, Optional<Instant> to) {

        static TimeRange of(String from, String to) {
            TimeRange range = new TimeRange(instant(from, "from"), instant(to, "to"));
            HttpProblem.require(
                    range.from.isEmpty()
                            || range.to.isEmpty()
                            || range.from.get().isBefore(range.to.get()),
                    "to",
                    "must be after from");
            return range;
        }
    }

    static int limit(String text) {
        return (int) number(text, "limit", 1, MAX_LIMIT);
    }

    public static long number(String text, String field, long min, long max) {
        // Long.parseLong takes signs, and the digits of all scripts.
        if (text != null && NUMBER.matcher(text).matches()) {
            try {
                long number = Long.parseLong(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException _) {
                // said below
            }
        }
        throw invalid(field, "must be a whole number from %d to %d".formatted(min, max));
    }

    static Optional<Long> cursor(String text, String field) {
        return Optional.ofNullable(text).map(it -> number(it, field, 0, Long.MAX_VALUE - 1));
    }

    public static String uid(String text, String field) {
        HttpProblem.require(
                UID.matcher(text).matches(),
                field,
                "must be a UID in lower case, as in metadata.uid: " + new UUID(0, 1).toString());
        return text;
    }

    static Optional<Instant> instant(String text, String field) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            Instant at = DATE.matcher(text).matches()
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
            int year = at.atOffset(ZoneOffset.UTC).getYear();
            if (year >= FIRST_YEAR && year <= LAST_YEAR) {
                return Optional.of(at);
            }
        } catch (DateTimeException _) {
            // said below
        }
        throw invalid(
                field,
                "must be an instant of the years %d to %d, like 2026-11-24T17:20:16Z ('+' is %%2B in a URL), or a day, like 2026-11-24"
                        .formatted(FIRST_YEAR, LAST_YEAR));
    }

    public static LocalDate day(String text, String field) {
        try {
            LocalDate day = DATE.matcher(text).matches() ? LocalDate.parse(text) : LocalDate.MIN;
            if (day.getYear() >= FIRST_YEAR && day.getYear() <= LAST_YEAR) {
                return day;
            }
        } catch (DateTimeException _) {
            // said below
        }
        throw invalid(field, "must be a day of the years %d to %d, like 2026-11-24".formatted(FIRST_YEAR, LAST_YEAR));
    }

    static YearMonth month(String text) {
        try {
            YearMonth month = MONTH.matcher(text).matches() ? YearMonth.parse(text) : YearMonth.of(0, 1);
            if (month.getYear() >= FIRST_YEAR && month.getYear() <= LAST_YEAR) {
                return month;
            }
        } catch (DateTimeException _) {
            // said below
        }
        throw invalid("month", "must be a month of the years %d to %d, like 2026-11".formatted(FIRST_YEAR, LAST_YEAR));
    }

    static ZoneId zone(String text) {
        if (ZoneId.getAvailableZoneIds().contains(text)) { // not an offset, which ZoneId would take too
            return ZoneId.of(text);
        }
        throw invalid("zone", "must be a name of the time zone database, like Europe/Berlin, or UTC");
    }

    /** One of the constants, by its name as it is written, or in lower case. */
    static <E extends Enum<E>> E oneOf(String text, Class<E> of, boolean lowerCase, String field) {
        List<String> names = List.of(of.getEnumConstants()).stream()
                .map(it -> lowerCase ? it.name().toLowerCase(Locale.ROOT) : it.name())
                .toList();
        return of.getEnumConstants()[names.indexOf(oneOf(text, names, field))];
    }

    private static String oneOf(String text, List<String> of, String field) {
        HttpProblem.require(of.contains(text), field, "must be one of: " + String.join(", ", of));
        return text;
    }

    private static HttpProblem invalid(String field, String rule) {
        return new HttpProblem(400, field + " " + rule, field);
    }
}
