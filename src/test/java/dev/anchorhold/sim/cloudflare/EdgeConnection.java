package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Serves one TCP connection that a connector opened to the edge. It begins with a line of JSON, and is one of two:
 *
 * <ul>
 *   <li>{@code {"register":{"token","connector","index","version","arch"}}}: one of the connector's four. The edge answers
 *       {@code {"registered":{"tunnel","connection"}}}, or {@code {"error":"Unauthorized: …"}} and closes. Then lines go from
 *       the edge: {@code {"configuration":{"version","config"}}} now and at each change, {@code {"open":{"stream","host",
 *       "path"}}} for each request, {@code {"ping":true}} every few seconds; the connector answers pings with
 *       {@code {"pong":true}}.
 *   <li>{@code {"stream":"…"}}: the bytes of the request of that name, and of its response, follow as they are.
 * </ul>
 */
final class EdgeConnection implements ConnectorConnection.Link {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PING_INTERVAL = Duration.ofSeconds(3);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(15);
    private static final int MAX_LINE_LENGTH = 1 << 20;

    private final Edge edge;
    private final Socket socket;
    /** Written by a thread of their own, since whoever calls us holds the state's lock. An empty line ends it. */
    private final BlockingQueue<String> outgoing = new LinkedBlockingQueue<>();

    EdgeConnection(Edge edge, Socket socket) {
        this.edge = edge;
        this.socket = socket;
    }

    void serve() {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) READ_TIMEOUT.toMillis());
            JsonNode first = line(socket.getInputStream());
            if (first.has("stream")) stream(first.path("stream").asText());
            else register(first.path("register"));
        } catch (IOException | RuntimeException e) {
            // The connector has disconnected, or was none.
            Edge.close(socket);
        }
    }

    /** From here on the socket belongs to the request that waits for it. */
    private void stream(String name) throws IOException {
        socket.setSoTimeout(0);
        if (!edge.deliver(name, socket)) Edge.close(socket);
    }

    private record Registered(CloudflareRow.Tunnel tunnel, ConnectorConnection connection) {}

    private void register(JsonNode request) throws IOException {
        var state = edge.api().state;
        var connectors = edge.api().connectors;
        Registered registered;
        try {
            registered = state.locked(() -> admit(connectors, request));
        } catch (ConnectorRejected rejected) {
            write(JSON.createObjectNode().put("error", rejected.getMessage()).toString());
            Edge.close(socket);
            return;
        }
        Thread.ofVirtual().start(this::writeAll);
        try {
            while (true) line(socket.getInputStream());
        } finally {
            state.locked(() -> {
                connectors.unregister(registered.tunnel, registered.connection);
                return null;
            });
            outgoing.add("");
        }
    }

    private static final class ConnectorRejected extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ConnectorRejected(String message) {
            super(message);
        }
    }

    private Registered admit(ConnectorRegistry connectors, JsonNode request) {
        try {
            var tunnel = connectors.authenticate(request.path("token").asText());
            var connector = new ConnectorConnection.Connector(
                    request.path("connector").asText(),
                    request.path("version").asText(),
                    request.path("arch").asText(),
                    socket.getInetAddress().getHostAddress());
            var connection =
                    connectors.register(tunnel, connector, request.path("index").asInt(), this);
            var answer = JSON.createObjectNode();
            answer.putObject("registered").put("tunnel", tunnel.id).put("connection", connection.id);
            send(answer);
            if (tunnel.config != null && tunnel.configSource.equals("cloudflare")) {
                configure(tunnel.configVersion, tunnel.config);
            }
            return new Registered(tunnel, connection);
        } catch (ConnectorRegistry.Unauthorized e) {
            throw new ConnectorRejected(e.getMessage());
        }
    }

    @Override
    public void drop() {
        Edge.close(socket);
    }

    @Override
    public void configure(long version, String config) {
        var message = JSON.createObjectNode();
        try {
            message.putObject("configuration").put("version", version).set("config", JSON.readTree(config));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        send(message);
    }

    @Override
    public boolean open(String stream, String host, String path) {
        var message = JSON.createObjectNode();
        message.putObject("open").put("stream", stream).put("host", host).put("path", path);
        send(message);
        return true;
    }

    private void send(ObjectNode message) {
        outgoing.add(message.toString());
    }

    private void writeAll() {
        try {
            while (true) {
                String next = outgoing.poll(PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                if (next != null && next.isEmpty()) return;
                write(next == null ? "{\"ping\":true}" : next);
            }
        } catch (IOException e) {
            Edge.close(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Byte by byte, so that none of what follows a stream's first line is taken. */
    private static JsonNode line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.size() > MAX_LINE_LENGTH) throw new IOException("no line");
            line.write(next);
        }
        return JSON.readTree(line.toByteArray());
    }
}
