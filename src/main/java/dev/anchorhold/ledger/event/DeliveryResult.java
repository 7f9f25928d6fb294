package dev.anchorhold.ledger.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** The response to a {@link Delivery}: an outcome for each resource, sent when all that it says is durable. */
public record DeliveryResult(List<Outcome> outcomes) {
    public DeliveryResult {
        outcomes = List.copyOf(outcomes);
    }

    /**
     * The outcome for one resource's entries.
     *
     * @param recorded the highest sequence that the ledger has of it, 0 for none: what is not above it is delivered
     * @param refusal why nothing of this delivery was recorded for it; null when all of it is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Outcome(String uid, long recorded, Refusal refusal) {}

    /** @param detail for people; names the sequence, and what to do */
    public record Refusal(Reason reason, String detail) {}

    public enum Reason {
        /** Entries before these are missing: deliver all above {@code recorded}. */
        GAP,
        /** The ledger has another entry under a sequence: two histories of one resource. A person has to look. */
        FORK,
        /** They contradict the entries before: time running backwards, something after a destroy, a wrong account. */
        CONTRADICTION
    }
}
