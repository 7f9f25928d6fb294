package dev.anchorhold.door;

import dev.anchorhold.door.SealingCipher.AssociatedData;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * The periodic tasks of the door: wipes what expired, deletes old log lines, and seals anew what old keys sealed. Any companion
 * may run them, several at once too.
 */
final class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final Duration SPENT_RETENTION = Duration.ofDays(2);
    private static final Duration LOG_RETENTION = Duration.ofDays(7);
    private static final int BATCH_SIZE = 200;
    private static final String SEALED_BY_OLD_KEY =
            "substring(%s FROM " + (SealingCipher.KEY_ID_AT + 1) + " FOR " + SealingCipher.KEY_ID_BYTES + ") = ANY (?)";

    private final Database database;
    private final SealingCipher cipher;
    private final InstantSource clock;

    Housekeeping(Database database, SealingCipher cipher, InstantSource clock) {
        this.database = database;
        this.cipher = cipher;
        this.clock = clock;
    }

    void runOnce() {
        Instant now = clock.instant();
        database.transaction(it -> {
            it.update("UPDATE door.deposit SET payload = NULL WHERE expires_at <= ? AND payload IS NOT NULL", now);
            it.update("DELETE FROM door.deposit WHERE expires_at <= ?", now.minus(SPENT_RETENTION));
            it.update("DELETE FROM door.log_line WHERE received_at <= ?", now.minus(LOG_RETENTION));
            return null;
        });
        int sealedAnew = 0;
        for (int count = 1; cipher.oldKeyIds().length > 0 && count > 0; sealedAnew += count) {
            count = database.transaction(this::sealAnew);
        }
        if (sealedAnew > 0) {
            LOG.infof("sealed %d texts anew with the current key", sealedAnew);
        }
    }

    private record SealedText(UUID agent, byte[] text, AssociatedData to) {}

    /** What old keys sealed, so that they can be dropped one day. A deposit is not worth it: it lives 15 minutes. */
    private int sealAnew(Transaction it) throws SQLException {
        List<SealedText> payloads = it.all(
                row -> new SealedText(
                        UUID.fromString(row.text("agent")),
                        row.bytes("payload"),
                        AssociatedData.payload(
                                row.text("agent"), row.text("payload_server"), row.instant("payload_expires_at"))),
                "SELECT agent, payload, payload_server, payload_expires_at FROM door.guest WHERE "
                        + oldAndUnlocked("payload"),
                (Object) cipher.oldKeyIds());
        List<SealedText> settings = it.all(
                row -> new SealedText(
                        UUID.fromString(row.text("agent")),
                        row.bytes("settings"),
                        AssociatedData.settings(row.text("agent"), row.number("settings_version"))),
                "SELECT agent, settings, settings_version FROM door.guest WHERE " + oldAndUnlocked("settings"),
                (Object) cipher.oldKeyIds());
        int sealedAnew = 0;
        for (SealedText text : payloads) {
            sealedAnew += sealAnew(it, text, "UPDATE door.guest SET payload = ? WHERE agent = ?");
        }
        for (SealedText text : settings) {
            sealedAnew += sealAnew(it, text, "UPDATE door.guest SET settings = ? WHERE agent = ?");
        }
        return sealedAnew;
    }

    private static String oldAndUnlocked(String column) {
        return SEALED_BY_OLD_KEY.formatted(column) + " LIMIT " + BATCH_SIZE + " FOR UPDATE SKIP LOCKED";
    }

    private int sealAnew(Transaction it, SealedText text, String update) throws SQLException {
        try {
            return it.update(update, cipher.seal(cipher.open(text.text, text.to), text.to), text.agent);
        } catch (SealingCipher.CannotOpenException e) {
            LOG.errorf("what is stored for agent %s cannot be sealed anew: %s", text.agent, e.getMessage());
            return 0;
        }
    }
}
