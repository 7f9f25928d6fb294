package dev.anchorhold.operator.adoption;

/** A step by which a predecessor's things are taken over. Each may be repeated after any crash. */
public sealed interface AdoptionStep {

    /** The step's name among failures and in logs. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** What comes of it takes its time, or a person: it is not looked at before the next reconcile. */
    default boolean isPolled() {
        return false;
    }

    /**
     * Reads what the books have of the predecessor: whose it was.
     *
     * @param again they did not know it
     */
    record AskBooks(String from, boolean again) implements AdoptionStep {
        @Override
        public boolean isPolled() {
            return again;
        }
    }

    record TakeServer(long id, String from) implements AdoptionStep {}

    record TakeFirewall(long id, String from) implements AdoptionStep {}

    record TakeVolume(long id, String from) implements AdoptionStep {}

    /** Has the books record the predecessor's end, at the instant that is on record. */
    record EndPredecessor(String from) implements AdoptionStep {
        @Override
        public boolean isPolled() {
            return true;
        }
    }
}
