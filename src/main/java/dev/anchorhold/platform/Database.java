package dev.anchorhold.platform;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Thin layer over JDBC: transactions (READ COMMITTED), and statements whose text is SQL and whose values are bound.
 * What goes wrong comes out as {@link Unavailable}; its message never holds a bound value.
 */
public final class Database {
    private final Supplier<DataSource> source;

    /** @param source asked only when there is work, so that a process without a database may still be wired */
    public Database(Supplier<DataSource> source) {
        this.source = source;
    }

    /** The work could not be done. Of a transaction's end it may not be known whether it was committed. */
    public static final class Unavailable extends RuntimeException {
        /** @param reason for people; never what a statement was about */
        public Unavailable(String reason) {
            super(reason);
        }
    }

    @FunctionalInterface
    public interface TransactionCallback<T> {
        T run(Transaction transaction) throws SQLException;
    }

    /** Commits when the work returns; whatever it throws undoes all. */
    public <T> T transaction(TransactionCallback<T> transactionCallback) {
        try (Connection connection = source.get().getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = transactionCallback.run(new Transaction(connection));
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private static Unavailable unavailable(SQLException e) {
        return new Unavailable("the database did not do it (SQLSTATE %s)"
                .formatted(e.getSQLState())); // the driver's message can quote a row
    }

    @FunctionalInterface
    public interface RowReader<T> {
        T read(Row row) throws SQLException;
    }

    /** One transaction on one connection. */
    public record Transaction(Connection connection) {

        /** @return how many rows it concerned */
        public int update(String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = bound(sql, values)) {
                return statement.executeUpdate();
            }
        }

        public <T> List<T> all(RowReader<T> reader, String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = bound(sql, values);
                    ResultSet result = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                while (result.next()) {
                    rows.add(reader.read(new Row(result)));
                }
                return rows;
            }
        }

        /** The first row; also of an INSERT, UPDATE or DELETE with RETURNING. */
        public <T> Optional<T> first(RowReader<T> reader, String sql, Object... values) throws SQLException {
            return all(reader, sql, values).stream().findFirst();
        }

        /** Runs a part of the transaction for a caller that cannot throw what SQL throws. */
        public <T> T run(TransactionCallback<T> part) {
            try {
                return part.run(this);
            } catch (SQLException e) {
                throw unavailable(e);
            }
        }

        private PreparedStatement bound(String sql, Object... values) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql);
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i] instanceof Instant it ? it.atOffset(ZoneOffset.UTC) : values[i]);
            }
            return statement;
        }
    }

    /** A row of a result; every value may be null. */
    public record Row(ResultSet result) {

        public String text(String column) throws SQLException {
            return result.getString(column);
        }

        public byte[] bytes(String column) throws SQLException {
            return result.getBytes(column);
        }

        public boolean flag(String column) throws SQLException {
            return result.getBoolean(column);
        }

        public long number(String column) throws SQLException {
            return result.getLong(column);
        }

        public Instant instant(String column) throws SQLException {
            OffsetDateTime at = result.getObject(column, OffsetDateTime.class);
            return at == null ? null : at.toInstant();
        }
    }
}
