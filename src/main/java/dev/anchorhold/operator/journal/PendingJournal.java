package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.operator.backoff.ExponentialBackoff;
import java.util.List;
import java.util.Optional;

/**
 * Delivery state of one object's journal: entries, how far they are delivered, refusal and next try. Times are
 * {@link System#nanoTime}'s. Guarded by the lock of {@link JournalOutbox}.
 */
final class PendingJournal {
    private ResourceJournal journal;
    private long newest;
    private long delivered;
    private Optional<String> refusal = Optional.empty();
    private int refusals;
    private long retryAt;

    boolean isCurrent(long sequence) {
        return sequence == newest;
    }

    /** The books refused it, or it could not be delivered, when that was last tried. */
    boolean isRefused() {
        return refusal.isPresent();
    }

    /**
     * Its journal as its status has it now. A restored older status has another history: all of it is delivered again. True when it is another one
     * than before: then whatever was refused of that is tried again at once.
     */
    boolean put(ResourceJournal all, long sequence) {
        if (all.equals(journal)) {
            return false;
        }
        delivered = sequence < newest ? 0 : delivered;
        newest = sequence;
        journal = all;
        refusals = 0;
        return true;
    }

    /** Its journal cannot be delivered as it stands in the status. True when that is another reason than the last time. */
    boolean markUnreadable(long sequence, String why) {
        boolean isNew = sequence != newest || !refusal.equals(Optional.of(why));
        newest = sequence;
        journal = null;
        refusal = Optional.of(why);
        return isNew;
    }

    /** What the books have not confirmed. */
    List<LedgerEntry> undelivered() {
        return journal == null
                ? List.of()
                : journal.entries().stream()
                        .filter(e -> e.sequence() > delivered)
                        .toList();
    }

    /** There is something to deliver. */
    boolean isOpen() {
        return journal != null && delivered < newest;
    }

    /** When it may be delivered; empty when there is nothing to deliver. */
    Optional<Long> due(long now) {
        return isOpen() ? Optional.of(refusals == 0 ? now : Math.max(now, retryAt)) : Optional.empty();
    }

    /** At most so many of the open entries, the oldest first. */
    ResourceJournal batch(int max) {
        var open = undelivered();
        return new ResourceJournal(journal.subject(), open.subList(0, Math.min(max, open.size())));
    }

    Progress progress() {
        return new Progress(delivered, refusal);
    }

    /** @param refusal why the books did not take the rest, when they were last asked */
    record Progress(long delivered, Optional<String> refusal) {}

    /** True when that was the object's end. */
    boolean markDelivered(long upTo) {
        delivered = upTo;
        refusal = Optional.empty();
        refusals = 0;
        return delivered == newest && journal.entries().getLast().event() == EventType.DESTROY;
    }

    /** The books have less than was believed. True when what they lack is still there to be delivered. */
    boolean rewindTo(long recorded) {
        boolean there = journal.entries().stream().anyMatch(e -> e.sequence() == recorded + 1);
        boolean further = recorded < delivered;
        if (there && further) {
            delivered = recorded;
        }
        return there && further;
    }

    /** True when that is another reason than the last time. */
    boolean markRefused(String why, long now, ExponentialBackoff exponentialBackoff) {
        boolean isNew = !refusal.equals(Optional.of(why));
        refusal = Optional.of(why);
        retryAt = now + exponentialBackoff.delayAfter(refusals++).toNanos();
        return isNew;
    }
}
