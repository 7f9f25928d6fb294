package dev.anchorhold.ledger.books;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;

/** Computes durations in whole microseconds, and splits them at midnight UTC. */
final class UtcDays {
    private UtcDays() {}

    /** Never negative: a period that has not begun yet, by a clock that was set back, has no length. */
    static long microseconds(Instant from, Instant to) {
        return Math.max(0, ChronoUnit.MICROS.between(from, to));
    }

    /** How much of {@code [from, to)} falls on each day; days without any are not in it. The values add up to its length. */
    static Map<LocalDate, Long> split(Instant from, Instant to) {
        Map<LocalDate, Long> days = new TreeMap<>();
        for (Instant at = from; at.isBefore(to); ) {
            Instant midnight = at.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
            Instant end = midnight.isBefore(to) ? midnight : to;
            days.put(LocalDate.ofInstant(at, ZoneOffset.UTC), microseconds(at, end));
            at = end;
        }
        return days;
    }
}
