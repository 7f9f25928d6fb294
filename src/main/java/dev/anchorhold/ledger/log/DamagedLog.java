package dev.anchorhold.ledger.log;

/** Rows contradict each other as we never write them: somebody has changed them. Nothing is built on top of that. */
public final class DamagedLog extends RuntimeException {
    DamagedLog(long size, String column, String what) {
        super("the checkpoint of size %d was changed: its %s %s".formatted(size, column, what));
    }

    static void unless(boolean holds, long size, String column, String what) {
        if (!holds) {
            throw new DamagedLog(size, column, what);
        }
    }
}
