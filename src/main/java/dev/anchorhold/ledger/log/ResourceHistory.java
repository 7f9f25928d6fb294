package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.DeliveryResult.Refusal;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the log has recorded of one resource, as far as a delivery concerns it: its newest entry, and those that the delivery
 * repeats. Validates a journal against that: which entries are new, and what contradicts it. No I/O, no clock.
 */
final class ResourceHistory {
    private final Subject subject;
    private final Map<Long, LedgerEntry> known;
    private final LedgerEntry last;

    private ResourceHistory(Subject subject, Map<Long, LedgerEntry> known, LedgerEntry last) {
        this.subject = subject;
        this.known = known;
        this.last = last;
    }

    /** Of a resource that the log does not know. */
    static ResourceHistory none() {
        return new ResourceHistory(null, Map.of(), null);
    }

    /** @param known in any order; the newest must be among them */
    static ResourceHistory of(Subject subject, List<LedgerEntry> known) {
        return none().with(subject, known);
    }

    ResourceHistory with(Subject subject, List<LedgerEntry> more) {
        Map<Long, LedgerEntry> all = new HashMap<>(known);
        LedgerEntry newest = last;
        for (LedgerEntry it : more) {
            all.put(it.sequence(), it);
            newest = newest == null || it.sequence() > newest.sequence() ? it : newest;
        }
        return new ResourceHistory(subject, all, newest);
    }

    /** The highest sequence that the log has, 0 for none. */
    long recorded() {
        return last == null ? 0 : last.sequence();
    }

    sealed interface Verdict {}

    /** @param entries those that the log does not have yet: none when all was delivered before */
    record Accepted(List<LedgerEntry> entries) implements Verdict {}

    record Rejected(Refusal refusal) implements Verdict {
        Rejected(Reason reason, String detail) {
            this(new Refusal(reason, detail));
        }
    }

    /** @param latest an entry with a later time is refused: it has not happened yet */
    Verdict validate(ResourceJournal journal, Instant latest) {
        if (last != null && !subject.equals(journal.subject())) {
            return new Rejected(
                    Reason.CONTRADICTION,
                    "kind, namespace, name, region and size are fixed for a resource's life, but differ");
        }
        List<LedgerEntry> newEntries = new ArrayList<>();
        LedgerEntry before = last;
        for (LedgerEntry it : journal.entries()) {
            if (it.sequence() <= recorded()) {
                if (!it.equals(known.get(it.sequence()))) {
                    return new Rejected(
                            Reason.FORK, "the log has another entry under sequence %d".formatted(it.sequence()));
                }
            } else {
                Rejected rejected = contradiction(before, it, latest);
                if (rejected != null) {
                    return rejected;
                }
                newEntries.add(it);
                before = it;
            }
        }
        return new Accepted(newEntries);
    }

    /** Null when the entry may follow. */
    private static Rejected contradiction(LedgerEntry before, LedgerEntry it, Instant latest) {
        long expected = before == null ? 1 : before.sequence() + 1;
        if (it.sequence() != expected) {
            return new Rejected(
                    Reason.GAP,
                    "sequence %d came, %d must come first: bring all from there".formatted(it.sequence(), expected));
        }
        String rule = it.at().isAfter(latest)
                ? "it is told to happen in the future"
                : before == null ? violation(it) : violation(before, it);
        return rule == null
                ? null
                : new Rejected(Reason.CONTRADICTION, "sequence %d: %s".formatted(it.sequence(), rule));
    }

    private static String violation(LedgerEntry first) {
        return first.event() == EventType.PROVISION ? null : "the first event must be its provision";
    }

    private static String violation(LedgerEntry before, LedgerEntry it) {
        if (before.event() == EventType.DESTROY) {
            return "nothing happens after a destroy";
        }
        if (it.at().isBefore(before.at())) {
            return "it cannot have happened before sequence %d".formatted(before.sequence());
        }
        if (it.event() == EventType.TRANSFER) {
            return it.previousAccount().equals(before.account()) ? null : "the transfer is not from its account";
        }
        return it.account().equals(before.account()) ? null : "only a transfer changes the account";
    }
}
