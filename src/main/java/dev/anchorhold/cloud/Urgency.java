package dev.anchorhold.cloud;

/**
 * Priority class of a call when calls are scarce. A lower class leaves a part of the budget untouched for those above
 * it.
 */
public enum Urgency {
    /** Deletions, what a person waits for, and the looking on which both rest. May spend the last call. */
    DELETION_OR_PERSON(0),
    /** New servers and what belongs to them. Leaves a tenth. */
    PROVISIONING(0.10),
    /** Putting right what drifted, catalogues, backstop listings. Leaves a quarter. */
    DRIFT(0.25);

    private final double reserve;

    Urgency(double reserve) {
        this.reserve = reserve;
    }

    /** The part of the hourly limit that this class does not touch, 0 to 1. */
    double reserve() {
        return reserve;
    }
}
