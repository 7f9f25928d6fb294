package dev.anchorhold.bench;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.EventRow;
import dev.anchorhold.world.CompanionDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The baseline that no ledger can beat: inserts rows of the same shape, with the same indexes and checks, into a table and
 * nothing else.
 */
final class InsertBaseline implements AutoCloseable {
    private static final String INSERT = EventRow.INSERT.formatted("bare.event");
    private static final String[] TYPES = {
        "bigint",
        "uuid",
        "bigint",
        "text",
        "text",
        "text",
        "text",
        "text",
        "text",
        "text",
        "text",
        "text",
        "timestamptz",
        "text",
        "timestamptz",
        "bytea",
        "bytea"
    };

    private final Connection plain;
    private final Connection rewriting;
    private final Random random = new Random(7);
    private long index;

    InsertBaseline(CompanionDatabase database) throws SQLException {
        try (var owner = database.asOwner().getConnection();
                var statement = owner.createStatement()) {
            statement.execute("CREATE SCHEMA bare");
            statement.execute("CREATE TABLE bare.event (LIKE ledger.event INCLUDING ALL)");
            statement.execute("GRANT USAGE ON SCHEMA bare TO PUBLIC");
            statement.execute("GRANT SELECT, INSERT ON bare.event TO PUBLIC");
        }
        plain = database.asApplication().getConnection();
        plain.setAutoCommit(false);
        rewriting = DriverManager.getConnection(plain.getMetaData().getURL().replaceAll("[?].*", "") + "?user="
                + plain.getMetaData().getUserName() + "&reWriteBatchedInserts=true");
        rewriting.setAutoCommit(false);
    }

    /** Each row a statement and a commit of its own. */
    DeliveryRun singly(List<Delivery> lane) {
        return DeliveryRun.of(List.of(rows(lane)), 1, row -> insert(plain, List.<Object[]>of(row)));
    }

    /** Each delivery a JDBC batch, which the driver writes as few INSERTs of many rows, and a commit. */
    DeliveryRun batched(List<Delivery> lane) {
        return DeliveryRun.of(
                List.of(batches(lane)), lane.getFirst().journals().size(), rows -> insert(rewriting, rows));
    }

    /** Each delivery one INSERT from arrays, one a column, and a commit. */
    DeliveryRun unnested(List<Delivery> lane) {
        return DeliveryRun.of(List.of(batches(lane)), lane.getFirst().journals().size(), this::insertArrays);
    }

    private static void insert(Connection connection, List<Object[]> rows) {
        try (var insert = connection.prepareStatement(INSERT + EventRow.VALUES)) {
            for (Object[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    insert.setObject(i + 1, row[i]);
                }
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void insertArrays(List<Object[]> rows) {
        String arrays = Stream.of(TYPES).map(it -> "?::" + it + "[]").collect(Collectors.joining(", "));
        try (var insert = plain.prepareStatement(INSERT + "SELECT * FROM unnest(%s)".formatted(arrays))) {
            for (int column = 0; column < TYPES.length; column++) {
                int at = column;
                Object[] values = rows.stream()
                        .map(row -> row[at])
                        .toArray(TYPES[at].equals("bytea") ? byte[][]::new : Object[]::new);
                insert.setArray(column + 1, plain.createArrayOf(TYPES[column], values));
            }
            insert.executeUpdate();
            plain.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<List<Object[]>> batches(List<Delivery> lane) {
        return lane.stream().map(it -> rows(List.of(it))).toList();
    }

    private List<Object[]> rows(List<Delivery> deliveries) {
        List<Object[]> rows = new ArrayList<>();
        for (var delivery : deliveries) {
            for (var journal : delivery.journals()) {
                journal.entries().forEach(it -> rows.add(row(journal.subject(), it)));
            }
        }
        return rows;
    }

    private Object[] row(Subject subject, LedgerEntry entry) {
        byte[] nonce = new byte[16];
        byte[] hash = new byte[32];
        random.nextBytes(nonce);
        random.nextBytes(hash);
        return EventRow.of(index++, subject, entry, nonce, hash);
    }

    @Override
    public void close() throws SQLException {
        rewriting.close();
        plain.close();
    }
}
