package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceEnding;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.platform.Database;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Ends resources whose journal ends them no more, by a {@code destroy} behind their newest entry: an entry like every
 * other, signed, in the place of none. Ending what has ended changes nothing.
 */
public final class ResourceEndings {
    private static final int ATTEMPTS = 3;

    private final LogEvents events;
    private final TransparencyLog log;

    public ResourceEndings(LogEvents events, TransparencyLog log) {
        this.events = events;
        this.log = log;
    }

    /** The resource's newest entry, signed yet or not; empty when the log does not know it. */
    public Optional<LogEvent> newest(String uid) {
        return events.newestOf(UUID.fromString(uid));
    }

    /**
     * Its last entry, which may have been there before; empty when the log does not know the resource.
     *
     * @throws IllegalArgumentException when it cannot have ended then
     * @throws Database.Unavailable when it is not known to be done
     */
    public Optional<LedgerEntry> end(ResourceEnding ending) {
        for (int i = 0; i < ATTEMPTS; i++) {
            var newest = newest(ending.uid());
            if (newest.isEmpty() || newest.get().entry().event() == EventType.DESTROY) {
                return newest.map(LogEvent::entry);
            }
            var entry = entry(ending, newest.get().entry());
            var refusal = append(newest.get(), entry).refusal();
            if (refusal == null) {
                return Optional.of(entry);
            }
            if (refusal.reason() == Reason.CONTRADICTION) {
                throw new IllegalArgumentException(refusal.detail());
            } // else it grew meanwhile
        }
        throw new Database.Unavailable("the resource's journal grows meanwhile");
    }

    private DeliveryResult.Outcome append(LogEvent newest, LedgerEntry entry) {
        return log.record(new Delivery(List.of(new ResourceJournal(newest.subject(), List.of(entry)))))
                .outcomes()
                .getFirst();
    }

    private static LedgerEntry entry(ResourceEnding ending, LedgerEntry newest) {
        return new LedgerEntry(
                newest.sequence() + 1,
                ending.at().isBefore(newest.at()) ? newest.at() : ending.at(),
                EventType.DESTROY,
                null,
                newest.account(),
                null,
                ending.by(),
                ending.reason());
    }
}
