package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.DELETING;
import static dev.anchorhold.resource.Reasons.JOURNAL_UNDELIVERED;

import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Appends the final journal entry of a deleted object, and decides whether its delivery has yet to be awaited before
 * the finalizer goes. The same for every kind; pure.
 */
public final class FinalJournalEntry {
    private static final Duration SOON = Duration.ofSeconds(5);

    private FinalJournalEntry() {}

    /**
     * Its end: when the cloud had deleted its server, if an action says so; else now.
     *
     * @param abandonment who let it go, and how; empty when it was deleted
     */
    public static StatusJournal append(
            StatusJournal before,
            Optional<Abandonment> abandonment,
            Optional<Instant> serverDeleted,
            Instant deletionRequestedAt,
            Instant now) {
        if (!before.isActive()) {
            return before;
        }
        Instant at = serverDeleted
                .filter(deleted -> !deleted.isBefore(deletionRequestedAt))
                .orElse(now);
        return abandonment.map(a -> before.destroy(at, a.by(), a.how())).orElseGet(() -> before.destroy(at));
    }

    /**
     * Empty when the finalizer may go: there are no books, or they have its end, or never heard of it.
     *
     * @param onRecord its journal, as its status has it
     */
    public static <S> Optional<Need<S>> awaitDelivery(
            HasMetadata object, StatusJournal onRecord, Optional<DeliveryStatus> delivery) {
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
                .orElseGet(() -> Need.waitFor(
                        DELETING,
                        "nothing is left; telling the books" + thenOthers(object),
                        recorded ? SOON : Duration.ZERO)));
    }

    /** What keeps the object when our finalizer has gone: nobody writes its status then. */
    private static String thenOthers(HasMetadata object) {
        String others = object.getMetadata().getFinalizers().stream()
                .filter(it -> !ApiNames.FINALIZERS.contains(it))
                .collect(Collectors.joining(", "));
        return others.isEmpty()
                ? ""
                : "; after that only finalizers of others (metadata.finalizers: " + Printable.line(others, 200)
                        + ") keep the object, and it counts for no quota";
    }
}
