package dev.anchorhold.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.door.SealingCipher.AssociatedData;
import dev.anchorhold.door.message.Deposit;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.HttpProblem;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The operator's operations on the door: deposits for new guests, newer settings, deletion of an agent. Each may be repeated:
 * nothing happens the second time.
 */
final class Deposits {
    private static final Duration MAX_LIFETIME = Duration.ofHours(1);

    private final Database database;
    private final SealingCipher cipher;
    private final InstantSource clock;

    Deposits(Database database, SealingCipher cipher, InstantSource clock) {
        this.database = database;
        this.cipher = cipher;
        this.clock = clock;
    }

    void deposit(UUID agent, Deposit deposit) {
        HttpProblem.require(
                deposit.payload().agent().uid().equals(agent.toString()),
                "payload.agent.uid",
                "must be the agent's in the path");
        Instant now = now();
        HttpProblem.require(
                deposit.expiresAt().isBefore(now.plus(MAX_LIFETIME)),
                "expiresAt",
                "must be at most %d minutes ahead".formatted(MAX_LIFETIME.toMinutes()));
        Instant expires = deposit.expiresAt().truncatedTo(ChronoUnit.MICROS);
        byte[] hash = HexFormat.of().parseHex(deposit.tokenHash());
        byte[] payload = cipher.seal(
                json(deposit.payload()), AssociatedData.payload(agent.toString(), deposit.serverName(), expires));
        database.transaction(it -> {
            lockGuest(it, agent);
            if (it.update("""
                INSERT INTO door.deposit (token_hash, agent, server_name, deposited_at, expires_at, payload)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (token_hash) DO NOTHING
                """, hash, agent, deposit.serverName(), now, expires, payload) == 1) {
                it.update(
                        "UPDATE door.guest SET deposited_at = ?, deposit_expires_at = ? WHERE agent = ?",
                        now,
                        expires,
                        agent);
                GuestFeed.markChanged(it, agent);
            } else {
                refuseOtherAgents(it, agent, hash);
            }
            return null;
        });
    }

    /** The greater version wins, by whatever way it came. */
    void settings(UUID agent, GuestSettings settings) {
        byte[] sealed = cipher.seal(json(settings), AssociatedData.settings(agent.toString(), settings.version()));
        database.transaction(it -> {
            lockGuest(it, agent);
            if (it.update("""
                UPDATE door.guest SET settings = ?, settings_version = ?, share_logs = ?
                WHERE agent = ? AND settings_version < ?
                """, sealed, settings.version(), settings.shareLogs(), agent, settings.version()) == 1) {
                GuestFeed.markChanged(it, agent);
            }
            return null;
        });
    }

    /** Nothing that was ever given to the agent's guests opens anything from here on, and nothing late revives it (F37). */
    void delete(UUID agent) {
        database.transaction(it -> {
            it.update("INSERT INTO door.guest (agent) VALUES (?) ON CONFLICT DO NOTHING", agent);
            int deleted = it.update("""
                UPDATE door.guest SET deleted_at = ?, public_key = NULL, callback_hash = NULL, callback_expires_at = NULL,
                    payload = NULL, payload_server = NULL, payload_expires_at = NULL, settings = NULL, report = NULL,
                    reported_at = NULL
                WHERE agent = ? AND deleted_at IS NULL
                """, now(), agent);
            it.update("DELETE FROM door.deposit WHERE agent = ?", agent);
            it.update("DELETE FROM door.log_line WHERE agent = ?", agent);
            if (deleted == 1) {
                GuestFeed.markChanged(it, agent);
            }
            return null;
        });
    }

    /** Inserts the agent's row if need be, and locks it until the commit: every change of an agent begins here. */
    private static void lockGuest(Transaction it, UUID agent) throws SQLException {
        it.update("INSERT INTO door.guest (agent) VALUES (?) ON CONFLICT DO NOTHING", agent);
        it.first(
                        row -> row.flag("deleted"),
                        "SELECT deleted_at IS NOT NULL AS deleted FROM door.guest WHERE agent = ? FOR UPDATE",
                        agent)
                .filter(deleted -> deleted)
                .ifPresent(_ -> {
                    throw new HttpProblem(410, "the agent is deleted", null);
                });
    }

    private static void refuseOtherAgents(Transaction it, UUID agent, byte[] hash) throws SQLException {
        boolean same = it.first(row -> row.text("agent"), "SELECT agent FROM door.deposit WHERE token_hash = ?", hash)
                .filter(agent.toString()::equals)
                .isPresent();
        if (!same) {
            throw new HttpProblem(409, "the hash is that of another agent's deposit", "tokenHash");
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static byte[] json(Object message) {
        try {
            return JsonMappers.STRICT.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
