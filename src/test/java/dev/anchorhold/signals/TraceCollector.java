package dev.anchorhold.signals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes spans as an OpenTelemetry collector does: protobuf by HTTP, of which it reads what the tests ask for. */
final class TraceCollector implements AutoCloseable {
    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();

    record Span(String trace, String id, String parent, String name) {}

    TraceCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            bodies.add(new String(body, StandardCharsets.ISO_8859_1));
            // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2
            for (byte[] resource : fields(body, 1)) {
                for (byte[] scope : fields(resource, 2)) {
                    fields(scope, 2).forEach(it -> spans.add(span(it)));
                }
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    List<Span> spans() {
        return List.copyOf(spans);
    }

    /** All that came, byte by byte. */
    String everything() {
        return String.join("\n", bodies);
    }

    private static Span span(byte[] span) {
        return new Span(hex(span, 1), hex(span, 2), hex(span, 4), text(span, 5));
    }

    private static String hex(byte[] message, int field) {
        return fields(message, field).stream()
                .findFirst()
                .map(HexFormat.of()::formatHex)
                .orElse("");
    }

    private static String text(byte[] message, int field) {
        return new String(fields(message, field).getFirst(), StandardCharsets.UTF_8);
    }

    /** The values of a field of a message, which has a length. */
    private static List<byte[]> fields(byte[] message, int wanted) {
        List<byte[]> values = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (rest.hasRemaining()) {
            long tag = varint(rest);
            switch ((int) (tag & 7)) {
                case 0 -> varint(rest);
                case 1 -> rest.getLong();
                case 5 -> rest.getInt();
                case 2 -> {
                    byte[] value = new byte[(int) varint(rest)];
                    rest.get(value);
                    if (tag >> 3 == wanted) {
                        values.add(value);
                    }
                }
                default -> throw new AssertionError("no field of protobuf: " + tag);
            }
        }
        return values;
    }

    private static long varint(ByteBuffer rest) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = rest.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
