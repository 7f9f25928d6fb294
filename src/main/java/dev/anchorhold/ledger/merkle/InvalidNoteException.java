package dev.anchorhold.ledger.merkle;

/** What was to be a note, a key or a checkpoint is none, or nobody whom we trust signed it. The message says which, in plain words. */
@SuppressWarnings("serial")
public final class InvalidNoteException extends RuntimeException {
    public InvalidNoteException(String message) {
        super(message);
    }
}
