package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.OpaqueTokens;
import java.time.Instant;
import java.util.Objects;

/**
 * A recorded event: a leaf of the log, and the journal entry that the leaf commits to.
 *
 * @param index the leaf's, from 0
 * @param recordedAt when the log recorded it, in whole microseconds, by the companion's clock
 * @param nonce 16 random bytes: without them nobody can guess an event from its leaf
 * @param leafHash as stored when the leaf was made (RFC 6962)
 */
public record LogEvent(
        long index, Subject subject, LedgerEntry entry, Instant recordedAt, byte[] nonce, byte[] leafHash) {
    public static final int NONCE_SIZE = 16;

    LogEvent with(byte[] hash) {
        return new LogEvent(index, subject, entry, recordedAt, nonce, hash);
    }

    /** What the tree has as this leaf's data: a commitment to the {@linkplain CanonicalEvent canonical bytes}, computed from them now. */
    public byte[] leafData() {
        return leafData(nonce, CanonicalEvent.bytes(this));
    }

    static byte[] leafData(byte[] nonce, byte[] canonical) {
        byte[] committed = new byte[nonce.length + canonical.length];
        System.arraycopy(nonce, 0, committed, 0, nonce.length);
        System.arraycopy(canonical, 0, committed, nonce.length, canonical.length);
        return OpaqueTokens.sha256(committed);
    }

    /** Whether it is an audit event, or one that only statements rest on. */
    public boolean audited() {
        return entry.event().audited(subject.kind());
    }

    /** Whether it belongs to the account: a transfer belongs to both. */
    public boolean concerns(String account) {
        return account.equals(entry.account()) || Objects.equals(account, entry.previousAccount());
    }
}
