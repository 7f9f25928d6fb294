package dev.anchorhold.ledger.books;

import static org.awaitility.Awaitility.await;

import dev.anchorhold.world.CompanionDatabase;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/** A source of connections whose server process is killed just before a statement of the caller's, or before its commit. */
final class KillableDataSource implements DataSource {
    private final CompanionDatabase database;
    private int left = Integer.MAX_VALUE;
    private int kills;

    KillableDataSource(CompanionDatabase database) {
        this.database = database;
    }

    /** The next connection that gets as far as this many statements and commits dies before the one after them. */
    void killAfter(int statements) {
        left = statements;
    }

    int kills() {
        return kills;
    }

    long eventCount() throws SQLException {
        try (Connection it = database.asOwner().getConnection();
                var rows = it.createStatement().executeQuery("SELECT count(*) FROM ledger.event")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection real = database.asApplication().getConnection();
        return (Connection) Proxy.newProxyInstance(
                KillableDataSource.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, arguments) -> {
                    if ((method.getName().equals("prepareStatement")
                                    || method.getName().equals("commit"))
                            && left-- == 0) {
                        kill(real);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void kill(Connection connection) throws SQLException {
        kills++;
        left = Integer.MAX_VALUE;
        int process = connection.unwrap(PGConnection.class).getBackendPID();
        try (Connection another = database.asApplication().getConnection();
                var kill = another.prepareStatement("SELECT pg_terminate_backend(?)");
                var look = another.prepareStatement("SELECT FROM pg_stat_activity WHERE pid = ?")) {
            kill.setInt(1, process);
            kill.execute();
            look.setInt(1, process);
            await().until(() -> !look.executeQuery().next());
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        // nobody reads it
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // there is none
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("it is none");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
