package dev.anchorhold.ledger.merkle;

/**
 * Thrown for what is no valid note, key or checkpoint, and for a note that no trusted key signed. The message says which, in
 * plain words.
 */
@SuppressWarnings("serial")
public final class InvalidNoteException extends RuntimeException {
    public InvalidNoteException(String message) {
        super(message);
    }
}
