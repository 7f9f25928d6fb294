package dev.anchorhold.ledger.log;

import dev.anchorhold.platform.Database;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A database whose statements and commits a test watches or breaks. */
final class InterceptedDatabase {
    private InterceptedDatabase() {}

    interface Watcher {
        /** A statement is about to be made. */
        default void statement() {}

        default void commit(Connection real) throws SQLException {
            real.commit();
        }
    }

    static Database database(DataSource source, Watcher watcher) {
        return new Database(() -> (DataSource) proxy(
                DataSource.class,
                source,
                (name, result) -> name.equals("getConnection") ? connection((Connection) result, watcher) : result));
    }

    private static Object connection(Connection real, Watcher watcher) {
        return Proxy.newProxyInstance(
                InterceptedDatabase.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, arguments) -> {
                    switch (method.getName()) {
                        case "commit" -> {
                            watcher.commit(real);
                            return null;
                        }
                        case "prepareStatement" -> watcher.statement();
                        default -> {}
                    }
                    return invoked(() -> method.invoke(real, arguments));
                });
    }

    private interface After {
        Object after(String method, Object result);
    }

    private static Object proxy(Class<?> type, Object real, After after) {
        return Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (_, method, arguments) -> after.after(method.getName(), invoked(() -> method.invoke(real, arguments))));
    }

    private interface Invocation {
        Object now() throws ReflectiveOperationException;
    }

    private static Object invoked(Invocation invocation) throws Throwable {
        try {
            return invocation.now();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
