package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.log.Commitment.Type;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Reads and writes commitments, rows of {@code ledger.commitment}, within a transaction. None is read beyond the newest checkpoint. */
public final class Commitments {
    private static final String SIGNED = "index < (SELECT coalesce(max(size), 0) FROM ledger.checkpoint)";

    private Commitments() {}

    /** @param account null for prices */
    public static Optional<Commitment> of(Transaction it, Type type, String account, String name) throws SQLException {
        return it.first(
                Commitments::read,
                "SELECT * FROM ledger.commitment WHERE kind = ? AND account IS NOT DISTINCT FROM ?::text AND name = ? AND "
                        + SIGNED,
                type.name(),
                account,
                name);
    }

    /** All to an account's statements, by the index that is by account. */
    public static List<Commitment> statements(Transaction it, String account) throws SQLException {
        return it.all(
                Commitments::read,
                "SELECT * FROM ledger.commitment WHERE kind = ? AND account = ? AND " + SIGNED,
                Type.Statement.name(),
                account);
    }

    /** All to versions of the prices: few. */
    public static List<Commitment> prices(Transaction it) throws SQLException {
        return it.all(
                Commitments::read,
                "SELECT * FROM ledger.commitment WHERE kind = ? AND " + SIGNED,
                Type.PriceList.name());
    }

    /** One statement, however many they are. */
    static void insert(Transaction transaction, List<Commitment> all) throws SQLException {
        transaction.update(
                """
                INSERT INTO ledger.commitment (index, kind, account, name, digest, recorded_at, nonce, leaf_hash)
                SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::timestamptz[], ?::bytea[], ?::bytea[])
                """,
                EventTable.numbers(transaction, all, Commitment::index),
                EventTable.array(transaction, "text", all, it -> it.type().name()),
                EventTable.array(transaction, "text", all, Commitment::account),
                EventTable.array(transaction, "text", all, Commitment::name),
                EventTable.bytes(transaction, all, Commitment::digest),
                EventTable.array(
                        transaction, "timestamptz", all, it -> it.recordedAt().toString()),
                EventTable.bytes(transaction, all, Commitment::nonce),
                EventTable.bytes(transaction, all, Commitment::leafHash));
    }

    /** @throws IllegalArgumentException if the row is none that we could have written: it was changed behind our back */
    static Commitment read(Row row) throws SQLException {
        return new Commitment(
                row.number("index"),
                Type.valueOf(row.text("kind")),
                row.text("account"),
                row.text("name"),
                row.bytes("digest"),
                row.instant("recorded_at"),
                row.bytes("nonce"),
                row.bytes("leaf_hash"));
    }
}
