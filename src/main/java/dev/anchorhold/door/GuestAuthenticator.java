package dev.anchorhold.door;

import dev.anchorhold.door.SealingCipher.AssociatedData;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.door.message.Payload;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.OpaqueTokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Authenticates guests: once by the bootstrap token, ever after by their own key, and from call to call by a callback token, of
 * which an agent has exactly one. Who is not let in gets {@link GuestForbiddenException}, whatever the reason.
 */
final class GuestAuthenticator {
    private static final Logger LOG = Logger.getLogger(GuestAuthenticator.class);
    private static final Duration CALLBACK_LIFETIME = Duration.ofHours(24);
    private static final Duration NONCE_LIFETIME = Duration.ofSeconds(60);

    private final Database database;
    private final SealingCipher cipher;
    private final CallbackTokens tokens;
    private final InstantSource clock;

    GuestAuthenticator(Database database, SealingCipher cipher, CallbackTokens tokens, InstantSource clock) {
        this.database = database;
        this.cipher = cipher;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** A callback token, to be sent as Bearer; the guest renews it at half its life. */
    record TokenResponse(String callbackToken, Instant expiresAt) {
        private byte[] hash() {
            return OpaqueTokens.hash(callbackToken);
        }

        @Override
        public String toString() {
            return "TokenResponse[until " + expiresAt + "]";
        }
    }

    /** The response to a redeemed bootstrap token. */
    record BootstrapResponse(Payload payload, String callbackToken, Instant expiresAt) {
        @Override
        public String toString() {
            return "BootstrapResponse[" + payload + "]";
        }
    }

    private record SealedPayload(String server, Instant expires, byte[] payload) {}

    /**
     * The one-time bootstrap. The token is consumed by one conditional UPDATE before anything else happens (F32, F58); the key is
     * registered by the same commit, so that a guest whose answer is lost comes in by its key. From here on the agent's other
     * deposits, its earlier key and callback token are void.
     */
    BootstrapResponse redeem(UUID given, String token, GuestKey key) {
        TokenResponse callback = newCallbackToken();
        byte[] hash = OpaqueTokens.hash(token);
        Instant now = now();
        return database.transaction(it -> {
            UUID agent = GuestAdoption.agentOf(it, given);
            it.first(row -> true, "SELECT FROM door.guest WHERE agent = ? FOR UPDATE", agent);
            SealedPayload sealedPayload = it.first(
                            row -> new SealedPayload(
                                    row.text("server_name"), row.instant("expires_at"), row.bytes("payload")),
                            """
                            UPDATE door.deposit SET spent_at = ?
                            WHERE token_hash = ? AND agent = ? AND spent_at IS NULL AND payload IS NOT NULL AND expires_at > ?
                            RETURNING server_name, expires_at, payload
                            """,
                            now,
                            hash,
                            agent,
                            now)
                    .orElseThrow(GuestForbiddenException::new);
            Payload payload = open(agent, sealedPayload);
            it.update(
                    "UPDATE door.deposit SET spent_at = coalesce(spent_at, ?), payload = NULL WHERE agent = ?",
                    now,
                    agent);
            int admitted = it.update(
                    """
                    UPDATE door.guest SET redeemed_at = ?, redeemed_hash = ?, public_key = ?, callback_hash = ?,
                        callback_expires_at = ?, payload = ?, payload_server = ?, payload_expires_at = ?, report = NULL,
                        reported_at = NULL
                    WHERE agent = ? AND deleted_at IS NULL
                    """,
                    now,
                    hash,
                    key.encoded(),
                    callback.hash(),
                    callback.expiresAt,
                    sealedPayload.payload,
                    sealedPayload.server,
                    sealedPayload.expires,
                    agent);
            if (admitted != 1) {
                throw new GuestForbiddenException();
            }
            Optional<GuestSettings> newerSettings = newerSettings(it, agent, payload.settings());
            if (newerSettings.isEmpty()) {
                it.update(
                        "UPDATE door.guest SET settings = NULL, settings_version = ?, share_logs = ? WHERE agent = ?",
                        payload.settings().version(),
                        payload.settings().shareLogs(),
                        agent);
            }
            GuestFeed.markChanged(it, agent);
            tokens.remember(callback.hash());
            return new BootstrapResponse(
                    newerSettings.map(payload::with).orElse(payload), callback.callbackToken, callback.expiresAt);
        });
    }

    /** What a guest signs to show that it holds its key. Given to anybody, for any agent, so that it tells nothing. */
    String nonce(UUID agent) {
        byte[] issued = ByteBuffer.allocate(Long.BYTES)
                .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, now()))
                .array();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(cipher.seal(issued, AssociatedData.nonce(agent.toString())));
    }

    /** A new callback token for a guest that signed the nonce. Each nonce works once, for a minute. */
    TokenResponse signIn(UUID given, String nonce, String signature) {
        // Anybody is given a nonce, so that one of ours is missing tells nothing of the agent.
        Instant issued = issued(given, nonce).orElseThrow(GuestForbiddenException::new);
        TokenResponse callback = newCallbackToken();
        return database.transaction(it -> {
            UUID agent = GuestAdoption.agentOf(it, given);
            Optional<GuestKey> key = it.first(
                    row -> GuestKey.fromEncoded(row.bytes("public_key")),
                    "SELECT public_key FROM door.guest WHERE agent = ? AND public_key IS NOT NULL",
                    agent);
            boolean signed = key.orElse(GuestKey.PLACEHOLDER).verify(given.toString(), nonce, signature);
            if (!signed || key.isEmpty()) {
                throw new GuestForbiddenException();
            }
            int admitted = it.update(
                    """
                    UPDATE door.guest SET last_nonce_at = ?, callback_hash = ?, callback_expires_at = ?
                    WHERE agent = ? AND public_key = ? AND (last_nonce_at IS NULL OR last_nonce_at < ?)
                    """,
                    issued,
                    callback.hash(),
                    callback.expiresAt,
                    agent,
                    key.get().encoded(),
                    issued);
            if (admitted != 1) {
                throw new GuestForbiddenException();
            }
            tokens.remember(callback.hash());
            return callback;
        });
    }

    /** A new callback token for the old one, which ends with it. */
    TokenResponse renew(String token) {
        CallbackToken old = tokens.parse(token);
        TokenResponse callback = newCallbackToken();
        return database.transaction(it -> {
            tokens.agentOf(it, old);
            int renewed = it.update(
                    "UPDATE door.guest SET callback_hash = ?, callback_expires_at = ? WHERE callback_hash = ? AND"
                            + " callback_expires_at > ?",
                    callback.hash(),
                    callback.expiresAt,
                    old.hash(),
                    now());
            if (renewed != 1) {
                throw new GuestForbiddenException();
            }
            tokens.forget(old);
            tokens.remember(callback.hash());
            return callback;
        });
    }

    /** The payload of the guest that holds the token, with the newest settings. */
    Payload payload(String token) {
        CallbackToken parsed = tokens.parse(token);
        return database.transaction(it -> {
            UUID agent = tokens.agentOf(it, parsed);
            SealedPayload sealedPayload = it.first(
                            row -> new SealedPayload(
                                    row.text("payload_server"),
                                    row.instant("payload_expires_at"),
                                    row.bytes("payload")),
                            "SELECT payload_server, payload_expires_at, payload FROM door.guest WHERE agent = ?",
                            agent)
                    .orElseThrow(GuestForbiddenException::new);
            Payload payload = open(agent, sealedPayload);
            return newerSettings(it, agent, payload.settings())
                    .map(payload::with)
                    .orElse(payload);
        });
    }

    /** @throws GuestForbiddenException unless the token opens now */
    void check(String token) {
        CallbackToken parsed = tokens.parse(token);
        database.transaction(it -> tokens.agentOf(it, parsed));
    }

    /** Settings that came after the payload's own. */
    private Optional<GuestSettings> newerSettings(Transaction it, UUID agent, GuestSettings own) throws SQLException {
        record Sealed(long version, byte[] settings) {}
        return it.first(
                        row -> new Sealed(row.number("settings_version"), row.bytes("settings")),
                        """
                        SELECT settings_version, settings FROM door.guest
                        WHERE agent = ? AND settings IS NOT NULL AND settings_version > ?
                        """,
                        agent,
                        own.version())
                .map(stored -> parsed(
                        decrypt(stored.settings, AssociatedData.settings(agent.toString(), stored.version)),
                        GuestSettings.class));
    }

    private Payload open(UUID agent, SealedPayload sealedPayload) {
        return parsed(
                decrypt(
                        sealedPayload.payload,
                        AssociatedData.payload(agent.toString(), sealedPayload.server, sealedPayload.expires)),
                Payload.class);
    }

    private byte[] decrypt(byte[] sealed, AssociatedData to) {
        try {
            return cipher.open(sealed, to);
        } catch (SealingCipher.CannotOpenException e) {
            LOG.errorf(
                    "what is stored for agent %s (%s) cannot be opened: %s", to.agent(), to.purpose(), e.getMessage());
            throw new GuestForbiddenException();
        }
    }

    private static <T> T parsed(byte[] clear, Class<T> type) {
        try {
            return JsonMappers.LENIENT.readValue(clear, type);
        } catch (IOException _) {
            throw new IllegalStateException("a sealed message cannot be read"); // the cause would quote it
        }
    }

    private Optional<Instant> issued(UUID agent, String nonce) {
        try {
            byte[] clear = cipher.open(Base64.getUrlDecoder().decode(nonce), AssociatedData.nonce(agent.toString()));
            Instant issued = Instant.EPOCH.plus(ByteBuffer.wrap(clear).getLong(), ChronoUnit.MICROS);
            return Duration.between(issued, clock.instant()).abs().compareTo(NONCE_LIFETIME) < 0
                    ? Optional.of(issued)
                    : Optional.empty();
        } catch (IllegalArgumentException | SealingCipher.CannotOpenException _) {
            return Optional.empty();
        }
    }

    private TokenResponse newCallbackToken() {
        Instant expiresAt = now().plus(CALLBACK_LIFETIME);
        return new TokenResponse(CallbackToken.generate(cipher, expiresAt), expiresAt);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS); // as the database stores it
    }
}
