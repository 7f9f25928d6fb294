package dev.anchorhold.operator.agent;

import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * In-memory cache, per Agent, of what one reconcile leaves for the next: frozen spec, tunnel token, last settings
 * version sent, pending deposit. Losing it costs a read or a repeated step, never a fact. It holds tokens: nothing of
 * it is ever printed.
 */
final class AgentCache {
    /** A new server needs so long to come in, with room for a slow cloud. */
    private static final Duration BOOT_TIME = Duration.ofMinutes(8);

    /** From one server that is replaced for silence to the next, of all Agents. */
    private static final Duration REPLACEMENT_INTERVAL = Duration.ofMinutes(10);

    private final InstantSource clock;
    private final Map<String, Frozen> frozen = new ConcurrentHashMap<>();
    private final Map<String, FrozenSecret.Prepared> prepared = new ConcurrentHashMap<>();
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private final Map<String, String> rotatedFor = new ConcurrentHashMap<>();
    private final Map<String, Long> settingsVersions = new ConcurrentHashMap<>();
    private final Map<String, PendingDeposit> pendingDeposits = new ConcurrentHashMap<>();

    private volatile Instant lastReplacement = Instant.MIN;

    private record Frozen(FrozenSpec spec, String digest) {}

    private record Token(String tunnelId, String text) {}

    /**
     * A deposit that waits for its server.
     *
     * @param token the one-time bootstrap token
     * @param program the guest program of the frozen Secret
     */
    record PendingDeposit(String token, String hash, Instant expiresAt, AgentStatus.Settings settings, String program) {
        @Override
        public String toString() {
            return "PendingDeposit[until " + expiresAt + "]";
        }
    }

    AgentCache(InstantSource clock) {
        this.clock = clock;
    }

    Optional<FrozenSpec> frozen(String uid) {
        return Optional.ofNullable(frozen.get(uid)).map(Frozen::spec);
    }

    /** It is frozen, or was found to be. */
    void putFrozen(String uid, FrozenSecret.Contents it) {
        frozen.put(uid, new Frozen(it.frozen(), it.digest()));
        prepared.remove(uid);
    }

    /** What is about to be frozen, of this generation of the spec. */
    Optional<FrozenSecret.Prepared> prepared(Agent agent) {
        return Optional.ofNullable(prepared.get(agent.getMetadata().getUid()))
                .filter(it -> it.generation() == agent.getMetadata().getGeneration());
    }

    void putPrepared(String uid, FrozenSecret.Prepared it) {
        prepared.put(uid, it);
    }

    void forgetPrepared(String uid) {
        prepared.remove(uid);
    }

    Optional<String> frozenDigest(Agent agent) {
        return Optional.ofNullable(frozen.get(agent.getMetadata().getUid()))
                .map(Frozen::digest)
                .or(() -> prepared(agent).map(FrozenSecret.Prepared::digest));
    }

    Optional<String> token(String uid, String tunnelId) {
        return Optional.ofNullable(tokens.get(uid))
                .filter(t -> t.tunnelId.equals(tunnelId))
                .map(Token::text);
    }

    void token(String uid, String tunnelId, String text) {
        tokens.put(uid, new Token(tunnelId, text));
    }

    /** The account for which the tunnel's secret was changed, until it is on record. */
    Optional<String> rotatedFor(Agent agent) {
        String uid = agent.getMetadata().getUid();
        String account = rotatedFor.get(uid);
        String onRecord = agent.getStatus() == null ? null : agent.getStatus().account();
        if (account != null && account.equals(onRecord)) {
            rotatedFor.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(account);
    }

    void secretRotated(String uid, String account) {
        tokens.remove(uid);
        pendingDeposits.remove(uid);
        rotatedFor.put(uid, account);
    }

    long settingsVersion(String uid) {
        return settingsVersions.getOrDefault(uid, 0L);
    }

    void settingsVersion(String uid, long version) {
        settingsVersions.merge(uid, version, Math::max);
    }

    /** The deposit for the next server, as long as it can still be redeemed and holds today's settings. */
    Optional<PendingDeposit> pendingDeposit(String uid, AgentStatus.Settings settings) {
        return Optional.ofNullable(pendingDeposits.get(uid))
                .filter(w -> w.settings.equals(settings))
                .filter(w -> w.expiresAt.minus(BOOT_TIME).isAfter(clock.instant()));
    }

    void putPendingDeposit(String uid, PendingDeposit it) {
        pendingDeposits.put(uid, it);
    }

    /** A server has the token: the next one needs another. */
    void depositUsed(String uid) {
        pendingDeposits.remove(uid);
        tokens.remove(uid);
    }

    /** Whether a server may be replaced now. Of many that fell silent together one gets it: they decide side by side, and nothing else counts them. */
    synchronized boolean claimReplacement(boolean forSilence) {
        if (forSilence && !mayReplaceSilent()) {
            return false;
        }
        lastReplacement = clock.instant();
        return true;
    }

    boolean mayReplaceSilent() {
        return lastReplacement.isBefore(clock.instant().minus(REPLACEMENT_INTERVAL));
    }

    void forget(String uid) {
        frozen.remove(uid);
        prepared.remove(uid);
        tokens.remove(uid);
        rotatedFor.remove(uid);
        settingsVersions.remove(uid);
        pendingDeposits.remove(uid);
    }
}
