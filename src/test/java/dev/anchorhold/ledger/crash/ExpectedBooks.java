package dev.anchorhold.ledger.crash;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the books must have after all these journals: computed from them alone, in the plainest way. */
record ExpectedBooks(Collection<ResourceJournal> journals) {

    /** @param end null while it lasts */
    record ExpectedPeriod(String resource, String account, State state, Instant start, Instant end) {}

    record Day(LocalDate day, String account, String resource, State state) {}

    /** Each with one entry. */
    List<ResourceJournal> events() {
        return journals.stream()
                .flatMap(it -> it.entries().stream().map(entry -> new ResourceJournal(it.subject(), List.of(entry))))
                .toList();
    }

    List<ExpectedPeriod> periods() {
        return journals.stream().flatMap(ExpectedBooks::periods).toList();
    }

    private static Stream<ExpectedPeriod> periods(ResourceJournal journal) {
        List<ExpectedPeriod> periods = new ArrayList<>();
        ExpectedPeriod open = null;
        for (LedgerEntry entry : journal.entries()) {
            if (open != null && open.state == entry.state() && open.account.equals(entry.account())) continue;
            if (open != null) {
                periods.add(new ExpectedPeriod(open.resource, open.account, open.state, open.start, entry.at()));
            }
            open = entry.state() == null
                    ? null
                    : new ExpectedPeriod(journal.subject().uid(), entry.account(), entry.state(), entry.at(), null);
        }
        if (open != null) periods.add(open);
        return periods.stream();
    }

    /** Microseconds of closed periods, by UTC day. */
    Map<Day, Long> days() {
        Map<Day, Long> days = new HashMap<>();
        for (ExpectedPeriod it : periods()) {
            if (it.end == null) continue;
            for (Instant from = it.start; from.isBefore(it.end); ) {
                Instant midnight = from.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
                Instant to = midnight.isBefore(it.end) ? midnight : it.end;
                var day = new Day(from.atZone(ZoneOffset.UTC).toLocalDate(), it.account, it.resource, it.state);
                days.merge(day, ChronoUnit.MICROS.between(from, to), Long::sum);
                from = to;
            }
        }
        return days;
    }
}
