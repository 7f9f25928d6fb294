package dev.anchorhold.door;

import dev.anchorhold.platform.BoundedMap;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.OpaqueTokens;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Says whose a callback token is. An agent has exactly one, but those that it had before have the same form for a day: so this
 * remembers which ones it gave out or saw to be valid, in this process, and every other is an attempt of its address until the
 * database has been asked about it.
 */
final class CallbackTokens {
    /** More than there are guests of one installation; those who call are not forgotten for those who do not. */
    private static final int MAX_KNOWN = 20_000;

    private final SealingCipher cipher;
    private final GuestShare share;
    private final InstantSource clock;
    private final Set<ByteBuffer> known =
            Collections.synchronizedSet(Collections.newSetFromMap(new BoundedMap<>(MAX_KNOWN)));

    CallbackTokens(SealingCipher cipher, GuestShare share, InstantSource clock) {
        this.cipher = cipher;
        this.share = share;
        this.clock = clock;
    }

    /**
     * Looks at what a token says of itself, which costs no query.
     *
     * @throws GuestForbiddenException when we never gave it out, or it has run out
     */
    CallbackToken parse(String token) {
        CallbackToken parsed = CallbackToken.parse(cipher, token);
        if (!parsed.expiresAt().isAfter(clock.instant())) {
            throw new GuestForbiddenException();
        }
        return parsed;
    }

    /** Whether it was its agent's one token when this process last heard of it. */
    boolean isKnown(String token) {
        return known.contains(ByteBuffer.wrap(OpaqueTokens.hash(token)));
    }

    void remember(byte[] hash) {
        known.add(ByteBuffer.wrap(hash));
    }

    void forget(CallbackToken token) {
        known.remove(ByteBuffer.wrap(token.hash()));
    }

    /** The agent whose guest holds the token, for which one call more is counted; its row is locked until the commit, so that a deletion waits or has been. */
    UUID agentOf(Transaction it, CallbackToken token) throws SQLException {
        Optional<UUID> found = holder(it, token);
        // Once more: while it waited for the row, another agent may have taken the guest over (H09), under a row of its
        // own.
        UUID agent = (found.isPresent() ? found : holder(it, token)).orElseThrow(() -> {
            forget(token);
            return new GuestForbiddenException();
        });
        remember(token.hash());
        share.consume(agent);
        return agent;
    }

    private Optional<UUID> holder(Transaction it, CallbackToken token) throws SQLException {
        return it.first(
                row -> UUID.fromString(row.text("agent")),
                "SELECT agent FROM door.guest WHERE callback_hash = ? AND callback_expires_at > ? FOR UPDATE",
                token.hash(),
                clock.instant());
    }
}
