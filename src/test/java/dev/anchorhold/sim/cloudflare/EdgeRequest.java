package dev.anchorhold.sim.cloudflare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Serves one public request at the edge: relays it to a connector of the tunnel that its Host leads to. Its head is
 * read for the Host and passed on with {@code Connection: close} (or the upgrade that it asks for), so that all that
 * follows is bytes in both directions: long bodies, event streams and WebSockets alike.
 */
final class EdgeRequest {
    private static final int MAX_HEAD_SIZE = 64 * 1024;
    private static final int TIMEOUT_SECONDS = 30;

    private final Edge edge;
    private final Socket client;

    EdgeRequest(Edge edge, Socket client) {
        this.edge = edge;
        this.client = client;
    }

    void serve() {
        try (client) {
            client.setTcpNoDelay(true);
            client.setSoTimeout(TIMEOUT_SECONDS * 1000);
            var head = read(client.getInputStream());
            if (head.isEmpty()) return;
            client.setSoTimeout(0);
            String host = header(head, "Host").replaceAll(":\\d+$", "").toLowerCase(Locale.ROOT);
            var connection = route(host);
            if (connection != null) relay(connection, host, head);
        } catch (IOException e) {
            // One side has disconnected.
        }
    }

    /** Null when the client got an error page, since no tunnel serves the host. */
    private ConnectorConnection route(String host) throws IOException {
        var api = edge.api();
        var record = api.state.locked(() -> api.state
                .tables
                .all(CloudflareRow.Record.class)
                .filter(it -> it.name.equals(host) && it.type.equals("CNAME") && it.proxied)
                .findFirst());
        if (record.isEmpty()) return refuse(530, 1016, "Origin DNS error");
        String tunnelId = record.get().content.replaceAll("\\.cfargotunnel\\.com$", "");
        var account = api.state.zones.get(record.get().zone).account();
        var connection = api.state.locked(() -> api.connectors
                .find(tunnelId)
                .filter(tunnel -> tunnel.account.equals(account.id))
                .flatMap(api.connectors::pick));
        return connection.isPresent() ? connection.get() : refuse(530, 1033, "Cloudflare Tunnel error");
    }

    private ConnectorConnection refuse(int status, int code, String message) throws IOException {
        String page = "<html><head><title>%2$s</title></head><body><h1>Error %1$d</h1><p>%2$s</p></body></html>"
                .formatted(code, message);
        String head = "HTTP/1.1 %d %s\r\nServer: cloudflare\r\nContent-Type: text/html; charset=UTF-8\r\n"
                .formatted(status, status == 530 ? "<none>" : message);
        String rest = "Content-Length: %d\r\nConnection: close\r\n\r\n%s".formatted(page.length(), page);
        client.getOutputStream().write((head + rest).getBytes(StandardCharsets.UTF_8));
        return null;
    }

    private void relay(ConnectorConnection connection, String host, List<String> head) throws IOException {
        String stream = UUID.randomUUID().toString();
        var arriving = edge.await(stream);
        boolean comes = connection.link.open(stream, host, head.getFirst().split(" ")[1]);
        Socket origin = comes ? arrived(stream, arriving) : null;
        edge.forget(stream);
        if (origin == null) {
            refuse(502, 502, "Bad gateway");
            return;
        }
        try (origin) {
            origin.getOutputStream().write(forwardedHead(head, host).getBytes(StandardCharsets.ISO_8859_1));
            var upload = Thread.ofVirtual().start(() -> pipe(client, origin));
            pipe(origin, client);
            Edge.close(client);
            upload.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Socket arrived(String stream, CompletableFuture<Socket> arriving) {
        try {
            return arriving.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException | CancellationException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Until one side ends; then both are closed, as a client that disconnects wants no answer any more. */
    private static void pipe(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // it ends all the same
        }
        Edge.close(from);
        Edge.close(to);
    }

    /** The head's lines, without the empty one; empty when the client disconnected before. */
    private static List<String> read(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0 || head.size() > MAX_HEAD_SIZE) return List.of();
            head.write(next);
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
        var lines = List.of(head.toString(StandardCharsets.ISO_8859_1).strip().split("\r\n"));
        return lines.getFirst().split(" ").length == 3 ? lines : List.of();
    }

    private static String header(List<String> head, String name) {
        return head.stream()
                .skip(1)
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    private String forwardedHead(List<String> head, String host) {
        boolean upgrades = !header(head, "Upgrade").isEmpty();
        var lines = new ArrayList<>(head);
        if (!upgrades) lines.removeIf(line -> line.regionMatches(true, 0, "Connection:", 0, 11));
        if (!upgrades) lines.add("Connection: close");
        lines.add("X-Forwarded-Host: " + host);
        lines.add("X-Forwarded-Proto: http");
        lines.add("Cf-Connecting-Ip: " + client.getInetAddress().getHostAddress());
        lines.add("Cf-Ray: %016x-HEL".formatted(ThreadLocalRandom.current().nextLong()));
        return String.join("\r\n", lines) + "\r\n\r\n";
    }
}
