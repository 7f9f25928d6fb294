package dev.anchorhold.sim.proxy;

import dev.anchorhold.sim.proxy.PostgresProxy.SqlStatement;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Forwards one client's messages (PostgreSQL's frontend protocol 3) to the server, one by one, and reads the SQL in
 * them.
 */
final class PostgresMessages {
    private static final int SSL = 80877103;
    private static final int GSS = 80877104;

    private final DataInputStream from;
    private final DataOutputStream to;
    private final Map<String, String> prepared = new HashMap<>();
    private final List<String> transaction = new ArrayList<>();

    PostgresMessages(InputStream from, OutputStream to) {
        this.from = new DataInputStream(new BufferedInputStream(from, 1 << 16));
        this.to = new DataOutputStream(new BufferedOutputStream(to, 1 << 16));
    }

    /** Forwards until the client disconnects, or a statement may not proceed. */
    void forward(Predicate<SqlStatement> mayProceed) throws IOException {
        forwardStartup();
        try {
            while (true) {
                int type = from.readByte();
                byte[] body = body(from.readInt());
                Optional<String> sql = executedSql(type, body);
                if (sql.isPresent()) {
                    to.flush();
                    if (!mayProceed.test(new SqlStatement(sql.get(), List.copyOf(transaction)))) return;
                    track(sql.get());
                }
                to.writeByte(type);
                write(body);
            }
        } catch (EOFException _) {
            to.flush(); // what it sent before it left still arrives
        }
    }

    /** The first message has no type; requests for encryption may come before it, and the server refuses them. */
    private void forwardStartup() throws IOException {
        int request;
        do {
            byte[] body = body(from.readInt());
            request = (body[0] & 255) << 24 | (body[1] & 255) << 16 | (body[2] & 255) << 8 | body[3] & 255;
            write(body);
        } while (request == SSL || request == GSS);
    }

    private byte[] body(int length) throws IOException {
        byte[] body = new byte[length - Integer.BYTES];
        from.readFully(body);
        return body;
    }

    private void write(byte[] body) throws IOException {
        to.writeInt(body.length + Integer.BYTES);
        to.write(body);
        if (from.available() == 0) to.flush();
    }

    /** The SQL that a Query or a Bind executes; a Parse only names one. */
    private Optional<String> executedSql(int type, byte[] body) {
        return switch (type) {
            case 'P' -> {
                prepared.put(text(body, 0), text(body, text(body, 0).length() + 1));
                yield Optional.empty();
            }
            case 'B' ->
                Optional.ofNullable(prepared.get(text(body, text(body, 0).length() + 1)));
            case 'Q' -> Optional.of(text(body, 0));
            default -> Optional.empty();
        };
    }

    private static String text(byte[] body, int from) {
        int to = from;
        while (body[to] != 0) {
            to++;
        }
        return new String(body, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private void track(String sql) {
        if (sql.equals("COMMIT") || sql.equals("ROLLBACK") || sql.startsWith("BEGIN")) {
            transaction.clear();
        } else {
            transaction.add(sql);
        }
    }
}
