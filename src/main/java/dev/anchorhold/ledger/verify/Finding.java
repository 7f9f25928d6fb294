package dev.anchorhold.ledger.verify;

import java.util.OptionalLong;

/**
 * One thing that a verification found wrong.
 *
 * @param index the first entry that it concerns; empty when it concerns the log as a whole
 * @param what in plain words, one sentence or two
 */
public record Finding(OptionalLong index, String what) {
    static Finding at(long index, String what) {
        return new Finding(OptionalLong.of(index), what);
    }

    static Finding ofAll(String what) {
        return new Finding(OptionalLong.empty(), what);
    }
}
