package dev.anchorhold.cloud;

/** Result of checking that nothing of an object is left in a cloud: what a finalizer waits for (F14, F15). */
public sealed interface DeletionCheck {

    /** Every known id answers "not found" and a fresh list by label is empty. */
    record Gone() implements DeletionCheck {}

    /** Something is left; {@code what} names it for a condition's message. */
    record StillThere(String what) implements DeletionCheck {}

    /** It could not be read: the finalizer stays. */
    record Unknown(CloudException why) implements DeletionCheck {}
}
