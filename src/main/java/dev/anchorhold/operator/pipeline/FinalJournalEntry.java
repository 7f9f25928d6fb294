package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.DELETING;
import static dev.anchorhold.resource.Reasons.JOURNAL_UNDELIVERED;

import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Appends the final journal entry of a deleted object, and decides whether its delivery has yet to be awaited before
 * the finalizer goes. The same for every kind; pure.
 */
public final class FinalJournalEntry {
    private static final Duration SOON = Duration.ofSeconds(5);

    private FinalJournalEntry() {}

    /** Its end: when the cloud had deleted its server, if an action says so; else now. */
    public static StatusJournal append(
            StatusJournal before, Optional<Instant> serverDeleted, Instant deletionRequestedAt, Instant now) {
        return before.isActive()
                ? before.destroy(serverDeleted
                        .filter(at -> !at.isBefore(deletionRequestedAt))
                        .orElse(now))
                : before;
    }

    /**
     * Empty when the finalizer may go: there are no books, or they have its end, or never heard of it.
     *
     * @param onRecord its journal, as its status has it
     */
    public static <S> Optional<Need<S>> awaitDelivery(StatusJournal onRecord, Optional<DeliveryStatus> delivery) {
        if (delivery.isEmpty() || onRecord.last().isEmpty()) {
            return Optional.empty();
        }
        var deliveryStatus = delivery.get();
        boolean recorded = onRecord.destroyed();
        if (recorded && deliveryStatus.delivered() >= onRecord.last().get().sequence()) {
            return Optional.empty();
        }
        return Optional.of(deliveryStatus
                .failure()
                .filter(_ -> recorded)
                .map(why -> Need.<S>blocked(
                        JOURNAL_UNDELIVERED,
                        "nothing is left of it, and it goes when the books have that: " + why,
                        SOON))
                .orElseGet(() ->
                        Need.waitFor(DELETING, "nothing is left; telling the books", recorded ? SOON : Duration.ZERO)));
    }
}
