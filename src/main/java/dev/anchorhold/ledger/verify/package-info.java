/**
 * Verifies a log from outside, by its public address or a mirror of it, against what an earlier check kept, and names the first
 * entry that is not as it should be (docs/verify-log.md). It trusts nothing of what it reads but signatures of a key it knows.
 * The JDK and {@code ledger.merkle} alone: both are the small jar {@code anchorhold-verify-log.jar}.
 */
package dev.anchorhold.ledger.verify;
