package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The books computed in the plainest way: an entry holds until the next. Each stretch between two entries is counted by itself;
 * no periods, no stored days.
 */
record ReferenceBooks(List<ResourceJournal> journals, Instant now) {

    Map<String, Long> byKey(Instant from, Instant to) {
        Map<String, Long> sums = new TreeMap<>();
        for (ResourceJournal journal : journals) {
            List<LedgerEntry> entries = journal.entries();
            for (int i = 0; i < entries.size(); i++) {
                LedgerEntry entry = entries.get(i);
                Instant until = i + 1 < entries.size() ? entries.get(i + 1).at() : later(now, entry.at());
                long microseconds = micros(earlier(until, to)) - micros(later(entry.at(), from));
                if (entry.state() != null && microseconds > 0) {
                    sums.merge(
                            entry.account() + " " + journal.subject().uid() + " " + entry.state(),
                            microseconds,
                            Long::sum);
                }
            }
        }
        return sums;
    }

    /** GiB times microseconds, of volumes that an account held. */
    BigInteger gibMicroseconds(String account, Instant to) {
        BigInteger sum = BigInteger.ZERO;
        for (ResourceJournal journal : journals) {
            List<LedgerEntry> entries = journal.entries();
            for (int i = 0; i < entries.size(); i++) {
                LedgerEntry entry = entries.get(i);
                Instant until = i + 1 < entries.size() ? entries.get(i + 1).at() : later(now, entry.at());
                if (entry.state() != null
                        && entry.account().equals(account)
                        && entry.volumeGiB() != null
                        && entry.at().isBefore(to)) {
                    sum = sum.add(BigInteger.valueOf(micros(earlier(until, to)) - micros(entry.at()))
                            .multiply(BigInteger.valueOf(entry.volumeGiB())));
                }
            }
        }
        return sum;
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
