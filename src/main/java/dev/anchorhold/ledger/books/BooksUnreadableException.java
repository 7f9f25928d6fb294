package dev.anchorhold.ledger.books;

/** Thrown instead of an answer while the books are known not to be what the log says: they are being made anew, or must be. */
public final class BooksUnreadableException extends RuntimeException {
    BooksUnreadableException(String message) {
        super(message);
    }
}
