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
    private final Supplier<List<Part>> parts;

    StatusPage(Supplier<List<Part>> parts) {
        this.parts = parts;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new WorldFailure("Cannot listen on 127.0.0.1: " + e.getMessage(), e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            Report report = report();
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

    private record Report(boolean well, String text) {}

    private Report report() {
        List<Part> all = parts.get();
        List<Part.Health> healths = all.parallelStream().map(Part::health).toList();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            text.append("  %-12s %-5s %s%n"
                    .formatted(
                            all.get(i).name(),
                            healths.get(i).well() ? "ok" : "ILL",
                            healths.get(i).detail()));
        }
        return new Report(healths.stream().allMatch(Part.Health::well), text.toString());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
