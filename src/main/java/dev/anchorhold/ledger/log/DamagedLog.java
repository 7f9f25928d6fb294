package dev.anchorhold.ledger.log;

/**
 * Thrown when stored rows of the log contradict each other as we never write them: somebody has changed them. Nothing is built
 * on top of that.
 */
public final class DamagedLog extends RuntimeException {
    private final Long index;

    DamagedLog(long size, String column, String what) {
        super("the checkpoint of size %d was changed: its %s %s".formatted(size, column, what));
        index = null;
    }

    private DamagedLog(long size, long events) {
        super("the checkpoint of size %d is the newest, and there are %d events".formatted(size, events));
        index = Math.min(size, events);
    }

    /** The first entry that is missing or too many; null when no entry is known to be wrong. */
    Long index() {
        return index;
    }

    static void unlessAllSigned(long size, long events) {
        if (size != events) {
            throw new DamagedLog(size, events);
        }
    }

    static void unless(boolean holds, long size, String column, String what) {
        if (!holds) {
            throw new DamagedLog(size, column, what);
        }
    }
}
