package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The books as plainly as they can be thought: what is said last holds until something else is said. Each stretch between two
 * entries is counted by itself; no periods, no days that are kept.
 */
record ReferenceBooks(List<ResourceJournal> journals, Instant now) {

    Map<String, Long> byKey(Instant from, Instant to) {
        Map<String, Long> sums = new TreeMap<>();
        for (ResourceJournal life : journals) {
            List<LedgerEntry> entries = life.entries();
            for (int i = 0; i < entries.size(); i++) {
                LedgerEntry said = entries.get(i);
                Instant until = i + 1 < entries.size() ? entries.get(i + 1).at() : later(now, said.at());
                long microseconds = micros(earlier(until, to)) - micros(later(said.at(), from));
                if (said.state() != null && microseconds > 0) {
                    sums.merge(
                            said.account() + " " + life.subject().uid() + " " + said.state(), microseconds, Long::sum);
                }
            }
        }
        return sums;
    }

    long total(Instant from, Instant to) {
        return byKey(from, to).values().stream().mapToLong(it -> it).sum();
    }

    Map<String, Long> byDay(LocalDate from, LocalDate to, ZoneId zone) {
        Map<String, Long> days = new TreeMap<>();
        from.datesUntil(to)
                .forEach(day -> byKey(
                                day.atStartOfDay(zone).toInstant(),
                                day.plusDays(1).atStartOfDay(zone).toInstant())
                        .forEach((key, microseconds) -> days.merge(
                                day + " " + key.substring(key.lastIndexOf(' ') + 1), microseconds, Long::sum)));
        return days;
    }

    private static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
