package dev.anchorhold.ledger.log;

import java.time.Instant;

/**
 * A leaf of the log that is no event: it commits, by a digest, to something that is billed and must never change.
 *
 * @param index the leaf's, from 0; events and commitments are counted together
 * @param account whose statement; null for prices
 * @param name the statement's month ({@code 2026-11}), or the version of the prices
 * @param digest SHA-256 of its canonical form (docs/log.md)
 * @param recordedAt when the log recorded it, in whole microseconds, by the companion's clock
 * @param nonce 16 random bytes: without them nobody can guess the content from its leaf
 * @param leafHash as stored when the leaf was made (RFC 6962)
 */
public record Commitment(
        long index,
        Type type,
        String account,
        String name,
        byte[] digest,
        Instant recordedAt,
        byte[] nonce,
        byte[] leafHash) {

    /** What is committed to, by its name in the canonical form. */
    public enum Type {
        Statement,
        PriceList
    }

    /**
     * What is to be committed to.
     *
     * @param account null for prices
     */
    public record Content(Type type, String account, String name, byte[] digest) {}

    Commitment with(byte[] hash) {
        return new Commitment(index, type, account, name, digest, recordedAt, nonce, hash);
    }

    /** What the tree has as this leaf's data, computed from the columns now. */
    public byte[] leafData() {
        return LogEvent.leafData(nonce, CanonicalEvent.bytes(this));
    }
}
