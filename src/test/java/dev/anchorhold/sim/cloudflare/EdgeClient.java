package dev.anchorhold.sim.cloudflare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * An HTTP client that requests a host from the edge. Speaks HTTP by hand: Java's clients do not let anyone choose the
 * Host header.
 */
public final class EdgeClient {
    /** @param head the status line and the headers */
    public record Response(int status, String head, String body) {}

    private static final int TIMEOUT_MILLIS = 60_000;

    private final URI edge;
    private final String host;

    public EdgeClient(URI edge, String host) {
        this.edge = edge;
        this.host = host;
    }

    public Response get(String path) {
        return send("GET", path, "");
    }

    public Response send(String method, String path, String body) {
        try (var socket = open(method, path, "Content-Length: %d\r\n".formatted(body.length()), body)) {
            byte[] answer = socket.getInputStream().readAllBytes();
            String text = new String(answer, StandardCharsets.UTF_8);
            String[] parts = text.split("\r\n\r\n", 2);
            if (parts.length < 2) throw new IOException("no answer, but: " + text);
            return new Response(Integer.parseInt(parts[0].split(" ")[1]), parts[0], parts[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request; the response can be read from the connection that it returns. */
    Socket open(String method, String path, String headers, String body) throws IOException {
        var socket = new Socket(edge.getHost(), edge.getPort());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        String request = "%s %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n%s"
                .formatted(method, path, host, edge.getPort(), headers, body);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        return socket;
    }
}
