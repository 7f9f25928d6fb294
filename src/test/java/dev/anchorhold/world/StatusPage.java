package dev.anchorhold.world;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** How the world's parts are, for {@code ./dev status}: plain text, 200 when all are well and 503 otherwise. */
final class StatusPage implements AutoCloseable {
    private final HttpServer server;
    private final Supplier<List<WorldPart>> parts;

    StatusPage(Supplier<List<WorldPart>> parts) {
        this.parts = parts;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new WorldFailure("Cannot listen on 127.0.0.1: " + e.getMessage(), e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            StatusReport report = report();
            byte[] body = report.text().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(report.well() ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private record StatusReport(boolean well, String text) {}

    private StatusReport report() {
        List<WorldPart> all = parts.get();
        List<WorldPart.Health> healths =
                all.parallelStream().map(WorldPart::health).toList();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            text.append("  %-12s %-5s %s%n"
                    .formatted(
                            all.get(i).name(),
                            healths.get(i).healthy() ? "ok" : "ILL",
                            healths.get(i).detail()));
        }
        return new StatusReport(healths.stream().allMatch(WorldPart.Health::healthy), text.toString());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
