package dev.anchorhold.world;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The HTTP server behind {@code ./dev status}: how the parts are, and how often which process was started again. Plain text, 200 when all are well
 * and 503 otherwise. A PUT to {@code /mend} first starts again at once whatever has ended, puts back what is missing, and waits for it.
 */
final class StatusPage implements AutoCloseable {
    private static final Duration TIME_TO_MEND = Duration.ofSeconds(90);

    private final HttpServer server;
    private final Supplier<List<WorldPart>> parts;
    private final Supervisor supervisor;

    StatusPage(Supplier<List<WorldPart>> parts, Supervisor supervisor) {
        this.parts = parts;
        this.supervisor = supervisor;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new WorldFailure("Cannot listen on 127.0.0.1: " + e.getMessage(), e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, report()));
        server.createContext("/mend", exchange -> {
            // No browser sends this by itself to another origin.
            if (exchange.getRequestMethod().equals("PUT")) {
                answer(exchange, mend());
            } else {
                exchange.sendResponseHeaders(405, -1);
                exchange.close();
            }
        });
        server.start();
    }

    private static void answer(HttpExchange exchange, StatusReport report) throws IOException {
        byte[] body = report.text().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(report.well() ? 200 : 503, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
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
            supervisor.history(all.get(i)).forEach(it -> text.append("  %-18s %s%n".formatted("", it)));
        }
        return new StatusReport(healths.stream().allMatch(WorldPart.Health::healthy), text.toString());
    }

    private StatusReport mend() {
        supervisor.hasten();
        try {
            parts.get().forEach(WorldPart::mend);
        } catch (WorldFailure e) {
            return new StatusReport(false, e.getMessage() + System.lineSeparator() + report().text());
        }
        Instant end = Instant.now().plus(TIME_TO_MEND);
        StatusReport report = report();
        while (!report.well() && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(100_000_000);
            report = report();
        }
        return report;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
