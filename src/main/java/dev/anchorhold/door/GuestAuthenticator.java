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
    private final InstantSource clock;

    GuestAuthenticator(Database database, SealingCipher cipher, InstantSource clock) {
        this.database = database;
        this.cipher = cipher;
        this.clock = clock;
    }

    /** A callback token, to be sent as Bearer; the guest renews it at half its life. */
    record CallbackToken(String callbackToken, Instant expiresAt) {
        @Override
        public String toString() {
            return "CallbackToken[until " + expiresAt + "]";
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
    BootstrapResponse redeem(UUID agent, String token, GuestKey key) {
        CallbackToken callback = newCallbackToken();
        byte[] hash = OpaqueTokens.hash(token);
        Instant now = now();
        return database.transaction(it -> {
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
                    OpaqueTokens.hash(callback.callbackToken),
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
    CallbackToken signIn(UUID agent, String nonce, String signature) {
        Optional<Instant> issued = issued(agent, nonce);
        CallbackToken callback = newCallbackToken();
        return database.transaction(it -> {
            Optional<GuestKey> key = it.first(
                    row -> GuestKey.fromEncoded(row.bytes("public_key")),
                    "SELECT public_key FROM door.guest WHERE agent = ? AND public_key IS NOT NULL",
                    agent);
            boolean signed = key.orElse(GuestKey.PLACEHOLDER).verify(agent.toString(), nonce, signature);
            if (!signed || key.isEmpty() || issued.isEmpty()) {
                throw new GuestForbiddenException();
            }
            int admitted = it.update(
                    """
                    UPDATE door.guest SET last_nonce_at = ?, callback_hash = ?, callback_expires_at = ?
                    WHERE agent = ? AND public_key = ? AND (last_nonce_at IS NULL OR last_nonce_at < ?)
                    """,
                    issued.get(),
                    OpaqueTokens.hash(callback.callbackToken),
                    callback.expiresAt,
                    agent,
                    key.get().encoded(),
                    issued.get());
            if (admitted != 1) {
                throw new GuestForbiddenException();
            }
            return callback;
        });
    }

    /** A new callback token for the old one, which ends with it. */
    CallbackToken renew(String token) {
        CallbackToken callback = newCallbackToken();
        return database.transaction(it -> {
            int renewed = it.update(
                    "UPDATE door.guest SET callback_hash = ?, callback_expires_at = ? WHERE callback_hash = ? AND"
                            + " callback_expires_at > ?",
                    OpaqueTokens.hash(callback.callbackToken),
                    callback.expiresAt,
                    OpaqueTokens.hash(token),
                    now());
            if (renewed != 1) {
                throw new GuestForbiddenException();
            }
            return callback;
        });
    }

    /** The payload of the guest that holds the token, with the newest settings. */
    Payload payload(String token) {
        return database.transaction(it -> {
            UUID agent = agentOf(it, token);
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
        database.transaction(it -> agentOf(it, token));
    }

    /** The agent whose guest holds the token; its row is locked until the commit, so that a deletion waits or has been. */
    UUID agentOf(Transaction it, String token) throws SQLException {
        return it.first(
                        row -> UUID.fromString(row.text("agent")),
                        "SELECT agent FROM door.guest WHERE callback_hash = ? AND callback_expires_at > ? FOR UPDATE",
                        OpaqueTokens.hash(token),
                        now())
                .orElseThrow(GuestForbiddenException::new);
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

    private CallbackToken newCallbackToken() {
        return new CallbackToken(OpaqueTokens.generate(), now().plus(CALLBACK_LIFETIME));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS); // as the database stores it
    }
}
