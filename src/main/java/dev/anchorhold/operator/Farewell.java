package dev.anchorhold.operator;

import static dev.anchorhold.resource.Reasons.DELETING;
import static dev.anchorhold.resource.Reasons.JOURNAL_UNDELIVERED;

import dev.anchorhold.operator.journal.Journal;
import dev.anchorhold.operator.journal.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The last that an object waits for, when nothing of it is left: that the books have its end. The same for every kind; pure. */
public final class Farewell {
    private static final Duration SOON = Duration.ofSeconds(5);

    private Farewell() {}

    /** When it went: when the cloud had deleted its server, if it did and told; else now. */
    public static Journal journal(Journal before, Optional<Instant> serverDeleted, Instant deletionAsked, Instant now) {
        return before.stands()
                ? before.destroy(
                        serverDeleted.filter(at -> !at.isBefore(deletionAsked)).orElse(now))
                : before;
    }

    /**
     * Empty when the finalizer may go: there are no books, or they have its end, or never heard of it.
     *
     * @param onRecord its journal, as its status has it
     */
    public static <S> Optional<Need<S>> need(Journal onRecord, Optional<Standing> books) {
        if (books.isEmpty() || onRecord.last().isEmpty()) {
            return Optional.empty();
        }
        var standing = books.get();
        boolean recorded = onRecord.destroyed();
        if (recorded && standing.delivered() >= onRecord.last().get().sequence()) {
            return Optional.empty();
        }
        return Optional.of(standing.trouble()
                .filter(_ -> recorded)
                .map(why -> Need.<S>blocked(
                        JOURNAL_UNDELIVERED,
                        "nothing is left of it, and it goes when the books have that: " + why,
                        SOON))
                .orElseGet(() ->
                        Need.waitFor(DELETING, "nothing is left; telling the books", recorded ? SOON : Duration.ZERO)));
    }
}
