package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Happening;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Receipt.Reason;
import dev.anchorhold.ledger.event.Receipt.Refusal;
import dev.anchorhold.ledger.event.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the log has of one resource, as far as a delivery concerns it: its newest entry, and those the delivery speaks of. Says what of
 * a journal is new, and what is not true. No I/O, no clock.
 */
final class History {
    private final Subject subject;
    private final Map<Long, Entry> known;
    private final Entry last;

    private History(Subject subject, Map<Long, Entry> known, Entry last) {
        this.subject = subject;
        this.known = known;
        this.last = last;
    }

    /** Of a resource that the log has never heard of. */
    static History none() {
        return new History(null, Map.of(), null);
    }

    /** @param known in any order; the newest must be among them */
    static History of(Subject subject, List<Entry> known) {
        return none().with(subject, known);
    }

    History with(Subject subject, List<Entry> more) {
        Map<Long, Entry> all = new HashMap<>(known);
        Entry newest = last;
        for (Entry it : more) {
            all.put(it.sequence(), it);
            newest = newest == null || it.sequence() > newest.sequence() ? it : newest;
        }
        return new History(subject, all, newest);
    }

    /** The highest sequence that the log has, 0 for none. */
    long recorded() {
        return last == null ? 0 : last.sequence();
    }

    sealed interface Verdict {}

    /** @param entries those that the log has not: none when all was delivered before */
    record New(List<Entry> entries) implements Verdict {}

    record Refused(Refusal refusal) implements Verdict {
        Refused(Reason reason, String detail) {
            this(new Refusal(reason, detail));
        }
    }

    /** @param latest what is told to have happened later than this has not happened yet */
    Verdict judge(Journal journal, Instant latest) {
        if (last != null && !subject.equals(journal.subject())) {
            return new Refused(
                    Reason.CONTRADICTION,
                    "kind, namespace, name, region and size are fixed for a resource's life, but differ");
        }
        List<Entry> fresh = new ArrayList<>();
        Entry before = last;
        for (Entry it : journal.entries()) {
            if (it.sequence() <= recorded()) {
                if (!it.equals(known.get(it.sequence()))) {
                    return new Refused(
                            Reason.FORK, "the log has another entry under sequence %d".formatted(it.sequence()));
                }
            } else {
                Refused refused = contradiction(before, it, latest);
                if (refused != null) {
                    return refused;
                }
                fresh.add(it);
                before = it;
            }
        }
        return new New(fresh);
    }

    /** Null when the entry may follow. */
    private static Refused contradiction(Entry before, Entry it, Instant latest) {
        long expected = before == null ? 1 : before.sequence() + 1;
        if (it.sequence() != expected) {
            return new Refused(
                    Reason.GAP,
                    "sequence %d came, %d must come first: bring all from there".formatted(it.sequence(), expected));
        }
        String rule = it.at().isAfter(latest)
                ? "it is told to happen in the future"
                : before == null ? broken(it) : broken(before, it);
        return rule == null
                ? null
                : new Refused(Reason.CONTRADICTION, "sequence %d: %s".formatted(it.sequence(), rule));
    }

    private static String broken(Entry first) {
        return first.event() == Happening.PROVISION ? null : "the first event must be its provision";
    }

    private static String broken(Entry before, Entry it) {
        if (before.event() == Happening.DESTROY) {
            return "nothing happens after a destroy";
        }
        if (it.at().isBefore(before.at())) {
            return "it cannot have happened before sequence %d".formatted(before.sequence());
        }
        if (it.event() == Happening.TRANSFER) {
            return it.previousAccount().equals(before.account()) ? null : "the transfer is not from its account";
        }
        return it.account().equals(before.account()) ? null : "only a transfer changes the account";
    }
}
