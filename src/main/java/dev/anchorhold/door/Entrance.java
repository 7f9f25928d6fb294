package dev.anchorhold.door;

import dev.anchorhold.door.Seal.Bound;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.door.message.Payload;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.Secrets;
import dev.anchorhold.platform.Wire;
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
 * How a guest comes in: once by the bootstrap token, ever after by its own key, and from call to call by a callback token, of
 * which an agent has exactly one. Who is not let in gets {@link Refused}, whatever the reason.
 */
final class Entrance {
    private static final Logger LOG = Logger.getLogger(Entrance.class);
    private static final Duration CALLBACK_LIFE = Duration.ofHours(24);
    private static final Duration NONCE_LIFE = Duration.ofSeconds(60);

    private final Database database;
    private final Seal seal;
    private final InstantSource clock;

    Entrance(Database database, Seal seal, InstantSource clock) {
        this.database = database;
        this.seal = seal;
        this.clock = clock;
    }

    /** A callback token, to be sent as Bearer; the guest renews it at half its life. */
    record Callback(String callbackToken, Instant expiresAt) {
        @Override
        public String toString() {
            return "Callback[until " + expiresAt + "]";
        }
    }

    /** What a redeemed bootstrap token brings. */
    record Welcome(Payload payload, String callbackToken, Instant expiresAt) {
        @Override
        public String toString() {
            return "Welcome[" + payload + "]";
        }
    }

    private record Found(String server, Instant expires, byte[] payload) {}

    /**
     * The one-time bootstrap. The token is consumed by one conditional UPDATE before anything else happens (F32, F58); the key is
     * registered by the same commit, so that a guest whose answer is lost comes in by its key. From here on the agent's other
     * deposits, its earlier key and callback token are void.
     */
    Welcome redeem(UUID agent, String token, GuestKey key) {
        Callback callback = callback();
        byte[] hash = Secrets.hash(token);
        Instant now = now();
        return database.transaction(it -> {
            it.first(row -> true, "SELECT FROM door.guest WHERE agent = ? FOR UPDATE", agent);
            Found found = it.first(
                            row -> new Found(row.text("server_name"), row.instant("expires_at"), row.bytes("payload")),
                            """
                            UPDATE door.deposit SET spent_at = ?
                            WHERE token_hash = ? AND agent = ? AND spent_at IS NULL AND payload IS NOT NULL AND expires_at > ?
                            RETURNING server_name, expires_at, payload
                            """,
                            now,
                            hash,
                            agent,
                            now)
                    .orElseThrow(Refused::new);
            Payload payload = open(agent, found);
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
                    Secrets.hash(callback.callbackToken),
                    callback.expiresAt,
                    found.payload,
                    found.server,
                    found.expires,
                    agent);
            if (admitted != 1) {
                throw new Refused();
            }
            Optional<GuestSettings> newer = newer(it, agent, payload.settings());
            if (newer.isEmpty()) {
                it.update(
                        "UPDATE door.guest SET settings = NULL, settings_version = ?, share_logs = ? WHERE agent = ?",
                        payload.settings().version(),
                        payload.settings().shareLogs(),
                        agent);
            }
            Feed.changed(it, agent);
            return new Welcome(newer.map(payload::with).orElse(payload), callback.callbackToken, callback.expiresAt);
        });
    }

    /** What a guest signs to show that it holds its key. Given to anybody, for any agent, so that it tells nothing. */
    String nonce(UUID agent) {
        byte[] issued = ByteBuffer.allocate(Long.BYTES)
                .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, now()))
                .array();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(seal.close(issued, Bound.nonce(agent.toString())));
    }

    /** A new callback token for a guest that signed the nonce. Each nonce works once, for a minute. */
    Callback signIn(UUID agent, String nonce, String signature) {
        Optional<Instant> issued = issued(agent, nonce);
        Callback callback = callback();
        return database.transaction(it -> {
            Optional<GuestKey> key = it.first(
                    row -> GuestKey.fromEncoded(row.bytes("public_key")),
                    "SELECT public_key FROM door.guest WHERE agent = ? AND public_key IS NOT NULL",
                    agent);
            boolean signed = key.orElse(GuestKey.NOBODYS).signed(agent.toString(), nonce, signature);
            if (!signed || key.isEmpty() || issued.isEmpty()) {
                throw new Refused();
            }
            int admitted = it.update(
                    """
                    UPDATE door.guest SET last_nonce_at = ?, callback_hash = ?, callback_expires_at = ?
                    WHERE agent = ? AND public_key = ? AND (last_nonce_at IS NULL OR last_nonce_at < ?)
                    """,
                    issued.get(),
                    Secrets.hash(callback.callbackToken),
                    callback.expiresAt,
                    agent,
                    key.get().encoded(),
                    issued.get());
            if (admitted != 1) {
                throw new Refused();
            }
            return callback;
        });
    }

    /** A new callback token for the old one, which ends with it. */
    Callback renew(String token) {
        Callback callback = callback();
        return database.transaction(it -> {
            int renewed = it.update(
                    "UPDATE door.guest SET callback_hash = ?, callback_expires_at = ? WHERE callback_hash = ? AND"
                            + " callback_expires_at > ?",
                    Secrets.hash(callback.callbackToken),
                    callback.expiresAt,
                    Secrets.hash(token),
                    now());
            if (renewed != 1) {
                throw new Refused();
            }
            return callback;
        });
    }

    /** The payload of the guest that holds the token, with the newest settings. */
    Payload payload(String token) {
        return database.transaction(it -> {
            UUID agent = whose(it, token);
            Found found = it.first(
                            row -> new Found(
                                    row.text("payload_server"),
                                    row.instant("payload_expires_at"),
                                    row.bytes("payload")),
                            "SELECT payload_server, payload_expires_at, payload FROM door.guest WHERE agent = ?",
                            agent)
                    .orElseThrow(Refused::new);
            Payload payload = open(agent, found);
            return newer(it, agent, payload.settings()).map(payload::with).orElse(payload);
        });
    }

    /** @throws Refused unless the token opens now */
    void check(String token) {
        database.transaction(it -> whose(it, token));
    }

    /** Whose guest holds the token; the agent's row is ours until the commit, so that a deletion waits or has been. */
    UUID whose(Transaction it, String token) throws SQLException {
        return it.first(
                        row -> UUID.fromString(row.text("agent")),
                        "SELECT agent FROM door.guest WHERE callback_hash = ? AND callback_expires_at > ? FOR UPDATE",
                        Secrets.hash(token),
                        now())
                .orElseThrow(Refused::new);
    }

    /** Settings that came after the payload's own. */
    private Optional<GuestSettings> newer(Transaction it, UUID agent, GuestSettings own) throws SQLException {
        record Sealed(long version, byte[] settings) {}
        return it.first(
                        row -> new Sealed(row.number("settings_version"), row.bytes("settings")),
                        """
                        SELECT settings_version, settings FROM door.guest
                        WHERE agent = ? AND settings IS NOT NULL AND settings_version > ?
                        """,
                        agent,
                        own.version())
                .map(kept -> parsed(
                        opened(kept.settings, Bound.settings(agent.toString(), kept.version)), GuestSettings.class));
    }

    private Payload open(UUID agent, Found found) {
        return parsed(
                opened(found.payload, Bound.payload(agent.toString(), found.server, found.expires)), Payload.class);
    }

    private byte[] opened(byte[] sealed, Bound to) {
        try {
            return seal.open(sealed, to);
        } catch (Seal.Broken e) {
            LOG.errorf("what is kept for agent %s (%s) cannot be opened: %s", to.agent(), to.purpose(), e.getMessage());
            throw new Refused();
        }
    }

    private static <T> T parsed(byte[] clear, Class<T> type) {
        try {
            return Wire.LENIENT.readValue(clear, type);
        } catch (IOException _) {
            throw new IllegalStateException("a sealed message cannot be read"); // the cause would quote it
        }
    }

    private Optional<Instant> issued(UUID agent, String nonce) {
        try {
            byte[] clear = seal.open(Base64.getUrlDecoder().decode(nonce), Bound.nonce(agent.toString()));
            Instant issued = Instant.EPOCH.plus(ByteBuffer.wrap(clear).getLong(), ChronoUnit.MICROS);
            return Duration.between(issued, clock.instant()).abs().compareTo(NONCE_LIFE) < 0
                    ? Optional.of(issued)
                    : Optional.empty();
        } catch (IllegalArgumentException | Seal.Broken _) {
            return Optional.empty();
        }
    }

    private Callback callback() {
        return new Callback(Secrets.token(), now().plus(CALLBACK_LIFE));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS); // as the database keeps it
    }
}
