package dev.anchorhold.world;

/** A part of the world could not be started or used. The message is for people and says what to do next. */
public final class WorldFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WorldFailure(String message) {
        super(message);
    }

    public WorldFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
