package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A guest door for one guest: accepts one bootstrap token, stores the public key that came with it, and records the
 * reports and log lines that it received.
 */
final class StubDoor implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final String bootstrapToken = "once-" + System.nanoTime();
    final List<JsonNode> reports = new CopyOnWriteArrayList<>();
    final List<JsonNode> lines = new CopyOnWriteArrayList<>();
    final AtomicInteger keySignIns = new AtomicInteger();

    private final HttpServer server;
    private final Map<String, Object> payload;
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile String publicKey = "";
    private volatile String token = "none yet";

    /** @param payload what the guest is to be; its settings are of version 1 */
    StubDoor(Map<String, Object> payload) throws IOException {
        this.payload = payload;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/guest/v1/", this::serve);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Null until one has come. */
    JsonNode lastReport() {
        return reports.isEmpty() ? null : reports.getLast();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = JSON.readTree(exchange.getRequestBody().readAllBytes());
            var bearer = "Bearer " + token;
            var answer = answer(
                    exchange.getRequestURI().getPath().substring("/guest/v1/".length()),
                    body,
                    bearer.equals(exchange.getRequestHeaders().getFirst("Authorization")));
            var bytes = JSON.writeValueAsBytes(answer);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.isEmpty() ? 403 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** The body of the response; empty when the request is refused. */
    private Map<String, Object> answer(String path, JsonNode body, boolean known) {
        return switch (path) {
            case "bootstrap" -> {
                if (!publicKey.isEmpty() || !body.get("token").asText().equals(bootstrapToken)) {
                    yield Map.of();
                }
                publicKey = body.get("publicKey").asText();
                yield Map.of("payload", payload, "callbackToken", newToken(), "expiresAt", "2999-01-01T00:00:00Z");
            }
            case "nonce" -> Map.of("nonce", "nonce");
            case "token" -> {
                if (!signed(body.get("agent").asText(), body.get("signature").asText())) {
                    yield Map.of();
                }
                keySignIns.incrementAndGet();
                yield Map.of("callbackToken", newToken(), "expiresAt", "2999-01-01T00:00:00Z");
            }
            case "payload" -> known ? payload : Map.of();
            case "report" -> {
                if (known) {
                    reports.add(body.get("report"));
                }
                yield known ? Map.of("settingsVersion", 1) : Map.of();
            }
            case "logs" -> {
                if (known) {
                    body.get("lines").forEach(lines::add);
                }
                yield known ? Map.of("taken", true) : Map.of();
            }
            default -> Map.of();
        };
    }

    private String newToken() {
        token = "callback-" + tokens.incrementAndGet();
        return token;
    }

    private boolean signed(String agent, String signature) {
        try {
            var pem = publicKey.replaceAll("-----[A-Z ]+-----|\\s", "");
            var key = KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem)));
            var check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update("anchorhold-guest-v1\n%s\nnonce".formatted(agent).getBytes());
            return check.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
