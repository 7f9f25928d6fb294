package dev.anchorhold.door;

/**
 * Thrown when a guest is not let in. It never learns why, and neither does anybody who pretends to be one: there is only one
 * refusal.
 */
final class GuestForbiddenException extends RuntimeException {
    GuestForbiddenException() {
        super("refused", null, false, false);
    }
}
