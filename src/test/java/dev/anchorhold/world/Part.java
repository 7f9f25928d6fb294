package dev.anchorhold.world;

/** One running part of the local world. Closing it stops it and is safe to repeat. */
public interface Part extends AutoCloseable {

    /** A short name, as {@code ./dev status} prints it. */
    String name();

    Health health();

    @Override
    void close();

    /**
     * @param well whether the part does its work now
     * @param detail one line for people: where it listens, or what is wrong with it
     */
    record Health(boolean well, String detail) {}
}
