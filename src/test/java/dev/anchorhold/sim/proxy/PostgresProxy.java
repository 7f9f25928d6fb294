package dev.anchorhold.sim.proxy;

import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * A TCP proxy before a PostgreSQL server that reads what clients send, and holds the statement that a test waits for,
 * or its response.
 */
public final class PostgresProxy implements AutoCloseable {
    private final int server;
    private final ServerSocket listener;
    private final MessageHolds<SqlStatement> holds = new MessageHolds<>();
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    /**
     * A statement that is about to be carried out.
     *
     * @param before the ones of the same transaction before it
     */
    public record SqlStatement(String sql, List<String> before) {

        /** Whether it commits a transaction that wrote into the table. */
        public static Predicate<SqlStatement> commitOf(String table) {
            return it -> it.sql.equals("COMMIT") && it.before.stream().anyMatch(sql -> writesInto(sql, table));
        }

        public static Predicate<SqlStatement> writeInto(String table) {
            return it -> writesInto(it.sql, table);
        }

        private static boolean writesInto(String sql, String table) {
            return sql.matches("(?is).*\\b(INSERT\\s+INTO|UPDATE)\\s+" + table + "\\b.*");
        }
    }

    /** @param server the server's port on 127.0.0.1 */
    public PostgresProxy(int server) {
        this.server = server;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Holds the next such statement, before the server gets it or when the server has answered it. */
    public Hold hold(Predicate<SqlStatement> which, When when) {
        return holds.add(which, when);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
            open.add(upstream);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            var held = new Answer();
            Thread.ofVirtual().start(() -> answer(upstream, client, held));
            new PostgresMessages(client.getInputStream(), upstream.getOutputStream())
                    .forward(statement -> holds.take(statement)
                            .map(hold -> hold.when() == When.BEFORE_COMMIT
                                    ? MessageHolds.awaitRelease(hold)
                                    : held.expect(hold))
                            .orElse(true));
            open.remove(upstream);
        } catch (IOException _) {
            // either side has gone: so does the other
        }
        open.remove(client);
    }

    /** The hold on the server's next answer, if there is one. */
    private static final class Answer {
        private volatile Hold hold;

        boolean expect(Hold hold) {
            this.hold = hold;
            return true;
        }

        boolean awaitRelease() {
            Hold now = hold;
            hold = null;
            return now == null || MessageHolds.awaitRelease(now);
        }
    }

    private static void answer(Socket upstream, Socket client, Answer held) {
        byte[] buffer = new byte[1 << 16];
        try (upstream;
                client) {
            for (int n; (n = upstream.getInputStream().read(buffer)) > 0; ) {
                if (!held.awaitRelease()) return;
                client.getOutputStream().write(buffer, 0, n);
            }
        } catch (IOException _) {
            // either side has gone: so does the other
        }
    }

    /** Nothing is held any more, and all connections end. */
    @Override
    public void close() {
        holds.dropAll();
        try {
            listener.close();
            for (Closeable it : open) {
                it.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
