package dev.anchorhold.ledger.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.platform.InvalidFieldException;
import java.time.Instant;

/**
 * One entry of a resource's journal: what happened, when, and the state and account from then on.
 *
 * @param sequence counts the resource's entries from 1, without a gap
 * @param at when it happened, in whole microseconds; never before the entry before it
 * @param state what the resource is in from then on; null when it is in none and costs nothing
 * @param account whose it is from then on
 * @param previousAccount whose it was, for a transfer; else null
 * @param volumeGiB how many GiB of volumes it holds from then on; null when it has none, or nobody has looked
 * @param by who asked for it, as far as Kubernetes shows it: a field manager, or a user of the API; null when nobody is known to have
 * @param reason why it ended otherwise than by being deleted: it was let go, or a person corrected the books; else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LedgerEntry(
        long sequence,
        Instant at,
        EventType event,
        State state,
        String account,
        String previousAccount,
        String by,
        String reason,
        Integer volumeGiB) {
    public static final int MAX_BY = 253;
    public static final int MAX_REASON = 500;
    private static final int MAX_GIB = 1_000_000;

    private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    public LedgerEntry {
        InvalidFieldException.require(sequence > 0, "sequence", "must be 1 or more");
        InvalidFieldException.requirePresent(at, "at");
        InvalidFieldException.require(at.getNano() % 1_000 == 0, "at", "must be in whole microseconds");
        InvalidFieldException.require(
                !at.isBefore(EARLIEST) && at.isBefore(LATEST), "at", "must be in one of the years 2020 to 9999");
        InvalidFieldException.requirePresent(event, "event");
        SingleLineText.check(account, 253, "account");
        InvalidFieldException.require(
                (event == EventType.TRANSFER) == (previousAccount != null),
                "previousAccount",
                "must be given for a transfer, and for nothing else");
        InvalidFieldException.require(
                event != EventType.DESTROY || state == null, "state", "must not be given: what is gone is in no state");
        if (previousAccount != null) {
            SingleLineText.check(previousAccount, 253, "previousAccount");
        }
        if (by != null) {
            SingleLineText.check(by, MAX_BY, "by");
        }
        if (reason != null) {
            InvalidFieldException.require(event == EventType.DESTROY, "reason", "may be given for a destroy alone");
            SingleLineText.check(reason, MAX_REASON, "reason");
        }
        InvalidFieldException.require(
                volumeGiB == null || volumeGiB >= 0 && volumeGiB <= MAX_GIB,
                "volumeGiB",
                "must be from 0 to " + MAX_GIB);
    }

    public LedgerEntry(
            long sequence,
            Instant at,
            EventType event,
            State state,
            String account,
            String previousAccount,
            String by,
            String reason) {
        this(sequence, at, event, state, account, previousAccount, by, reason, null);
    }

    public LedgerEntry(
            long sequence,
            Instant at,
            EventType event,
            State state,
            String account,
            String previousAccount,
            String by) {
        this(sequence, at, event, state, account, previousAccount, by, null, null);
    }
}
