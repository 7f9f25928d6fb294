package dev.anchorhold.door;

import dev.anchorhold.door.SealingCipher.AssociatedData;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.web.HttpProblem;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/**
 * Makes an agent's guest another agent's: its key, tokens, payload and settings, its deposits, report and log. The guest
 * knows nothing of it and goes on giving the UID that it was made with. May be repeated: nothing happens the second time.
 */
final class GuestAdoption {
    private final Database database;
    private final SealingCipher cipher;
    private final InstantSource clock;

    GuestAdoption(Database database, SealingCipher cipher, InstantSource clock) {
        this.database = database;
        this.cipher = cipher;
        this.clock = clock;
    }

    /** The agent whose guest it is that gives this UID. */
    static UUID agentOf(Transaction it, UUID given) throws SQLException {
        return it.first(
                        row -> UUID.fromString(row.text("agent")),
                        "SELECT agent FROM door.adopted WHERE former = ?",
                        given)
                .orElse(given);
    }

    /**
     * The version of the newest settings that the guest can fetch. Where the former has no guest there is nothing to take.
     *
     * @throws HttpProblem 410 when the agent is deleted, 409 when it has a guest of its own
     */
    long adopt(UUID agent, UUID former) {
        return database.transaction(it -> {
            it.update("INSERT INTO door.guest (agent) VALUES (?), (?) ON CONFLICT DO NOTHING", agent, former);
            var both = it.all(
                    GuestAdoption::state,
                    "SELECT * FROM door.guest WHERE agent IN (?, ?) ORDER BY agent FOR UPDATE",
                    agent,
                    former);
            State now = find(both, agent);
            State then = find(both, former);
            if (now.deleted) {
                throw new HttpProblem(410, "the agent is deleted", null);
            }
            if (then.deleted) { // taken over already, or gone for good
                return now.settingsVersion;
            }
            if (now.hasGuest) {
                throw new HttpProblem(409, "the agent has a guest of its own", null);
            }
            move(it, agent, former);
            return then.settingsVersion;
        });
    }

    private record State(UUID agent, boolean deleted, boolean hasGuest, long settingsVersion) {}

    private static State state(Row row) throws SQLException {
        return new State(
                UUID.fromString(row.text("agent")),
                row.instant("deleted_at") != null,
                row.instant("deposited_at") != null || row.bytes("public_key") != null,
                row.number("settings_version"));
    }

    private static State find(List<State> all, UUID agent) {
        return all.stream().filter(it -> it.agent.equals(agent)).findFirst().orElseThrow();
    }

    /** What is sealed is bound to its agent, so it is sealed anew. */
    private record Sealed(
            byte[] payload, String server, Instant expiresAt, byte[] settings, long version, byte[] callback) {}

    private static Sealed sealed(Row row) throws SQLException {
        return new Sealed(
                row.bytes("payload"),
                row.text("payload_server"),
                row.instant("payload_expires_at"),
                row.bytes("settings"),
                row.number("settings_version"),
                row.bytes("callback_hash"));
    }

    private void move(Transaction it, UUID agent, UUID former) throws SQLException {
        Sealed sealed = it.first(GuestAdoption::sealed, "SELECT * FROM door.guest WHERE agent = ?", former)
                .orElseThrow();
        it.update(
                """
                UPDATE door.guest AS now SET payload = ?, settings = ?, deposited_at = former.deposited_at,
                    deposit_expires_at = former.deposit_expires_at, redeemed_at = former.redeemed_at,
                    redeemed_hash = former.redeemed_hash, public_key = former.public_key,
                    last_nonce_at = former.last_nonce_at, callback_expires_at = former.callback_expires_at,
                    payload_server = former.payload_server, payload_expires_at = former.payload_expires_at,
                    settings_version = former.settings_version, share_logs = former.share_logs,
                    reported_at = former.reported_at, report = former.report
                FROM door.guest AS former WHERE now.agent = ? AND former.agent = ?
                """,
                payload(sealed.payload, sealed.server, sealed.expiresAt, agent, former),
                settings(sealed, agent, former),
                agent,
                former);
        moveDeposits(it, agent, former);
        it.update("UPDATE door.log_line SET agent = ? WHERE agent = ?", agent, former);
        it.update("UPDATE door.adopted SET agent = ? WHERE agent = ?", agent, former);
        it.update("INSERT INTO door.adopted (former, agent) VALUES (?, ?)", former, agent);
        it.update("""
            UPDATE door.guest SET deleted_at = ?, public_key = NULL, callback_hash = NULL, callback_expires_at = NULL,
                payload = NULL, payload_server = NULL, payload_expires_at = NULL, settings = NULL, report = NULL,
                reported_at = NULL
            WHERE agent = ?
            """, clock.instant().truncatedTo(ChronoUnit.MICROS), former);
        it.update("UPDATE door.guest SET callback_hash = ? WHERE agent = ?", sealed.callback, agent);
        GuestFeed.markChanged(it, former);
        GuestFeed.markChanged(it, agent);
    }

    private void moveDeposits(Transaction it, UUID agent, UUID former) throws SQLException {
        record Waiting(byte[] hash, String server, Instant expiresAt, byte[] payload) {}
        var all = it.all(
                row -> new Waiting(
                        row.bytes("token_hash"),
                        row.text("server_name"),
                        row.instant("expires_at"),
                        row.bytes("payload")),
                "SELECT * FROM door.deposit WHERE agent = ?",
                former);
        for (Waiting deposit : all) {
            it.update(
                    "UPDATE door.deposit SET agent = ?, payload = ? WHERE token_hash = ?",
                    agent,
                    payload(deposit.payload, deposit.server, deposit.expiresAt, agent, former),
                    deposit.hash);
        }
    }

    private byte[] payload(byte[] sealed, String server, Instant expiresAt, UUID agent, UUID former) {
        return sealed == null
                ? null
                : sealedAnew(
                        sealed,
                        AssociatedData.payload(former.toString(), server, expiresAt),
                        AssociatedData.payload(agent.toString(), server, expiresAt));
    }

    private byte[] settings(Sealed sealed, UUID agent, UUID former) {
        return sealed.settings == null
                ? null
                : sealedAnew(
                        sealed.settings,
                        AssociatedData.settings(former.toString(), sealed.version),
                        AssociatedData.settings(agent.toString(), sealed.version));
    }

    private byte[] sealedAnew(byte[] sealed, AssociatedData from, AssociatedData to) {
        try {
            return cipher.seal(cipher.open(sealed, from), to);
        } catch (SealingCipher.CannotOpenException e) {
            throw new HttpProblem(409, "what is stored for the former cannot be opened: its key is not here", null);
        }
    }
}
