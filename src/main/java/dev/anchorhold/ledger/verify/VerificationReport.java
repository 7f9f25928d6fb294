package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import java.util.List;
import java.util.OptionalLong;

/**
 * The result of a verification: the checkpoint and the key that it was checked with, and what was found wrong.
 *
 * @param checkpoint what the log claims to have; proved when there is no finding
 * @param key the one that must have signed it
 * @param firstUse whether the log itself gave that key, and nothing else vouches for it
 * @param mirroredSize how many entries an earlier check had kept; 0 when it is the first
 * @param findings none when all is well
 */
public record VerificationReport(
        Checkpoint checkpoint, VerifyingKey key, boolean firstUse, long mirroredSize, List<Finding> findings) {

    public boolean passed() {
        return findings.isEmpty();
    }

    /** Empty when all is well, or when no entry is known to be wrong but what was signed about all of them. */
    public OptionalLong firstBadIndex() {
        return findings.stream().flatMapToLong(it -> it.index().stream()).min();
    }
}
