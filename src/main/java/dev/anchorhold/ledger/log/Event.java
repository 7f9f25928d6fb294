package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Secrets;
import java.time.Instant;
import java.util.Objects;

/**
 * One leaf of the log, and what it stands for.
 *
 * @param index the leaf's, from 0
 * @param recordedAt when the log took it, in whole microseconds, by the companion's clock
 * @param nonce 16 random bytes: without them nobody can guess an event from its leaf
 * @param leafHash as stored when the leaf was made (RFC 6962)
 */
public record Event(long index, Subject subject, Entry entry, Instant recordedAt, byte[] nonce, byte[] leafHash) {
    public static final int NONCE = 16;

    Event with(byte[] hash) {
        return new Event(index, subject, entry, recordedAt, nonce, hash);
    }

    /** What the tree has as this leaf's data: a commitment to the {@linkplain Canonical canonical bytes}, computed from them now. */
    public byte[] leafData() {
        byte[] canonical = Canonical.bytes(this);
        byte[] committed = new byte[nonce.length + canonical.length];
        System.arraycopy(nonce, 0, committed, 0, nonce.length);
        System.arraycopy(canonical, 0, committed, nonce.length, canonical.length);
        return Secrets.sha256(committed);
    }

    /** Whether it is an audit event, or one that only bills rest on. */
    public boolean audited() {
        return entry.event().audited(subject.kind());
    }

    /** Whether it belongs to the account: a transfer belongs to both. */
    public boolean concerns(String account) {
        return account.equals(entry.account()) || Objects.equals(account, entry.previousAccount());
    }
}
