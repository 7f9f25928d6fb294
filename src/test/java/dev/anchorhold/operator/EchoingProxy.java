package dev.anchorhold.operator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * Proxy before a cloud that answers some requests itself in the worst way: everything that the client sent, its token
 * and its body, comes back in the error's code, its message, its details, the headers, or as garbage.
 */
final class EchoingProxy implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param path what the request's path begins with, below the API's base */
    record Reply(String method, String path, int status, String code) {}

    private final URI cloud;
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server;
    private final List<Reply> plans = new CopyOnWriteArrayList<>();

    EchoingProxy(URI cloud) throws IOException {
        this.cloud = cloud;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), cloud.getPath()));
    }

    /** The next such request is refused with the code, and hears itself. Without a code the answer is garbage. */
    void next(String method, String path, int status, String code) {
        plans.add(new Reply(method, path, status, code));
    }

    /** What has not come yet. */
    List<Reply> left() {
        return List.copyOf(plans);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Optional<Reply> plan =
                    plans.stream().filter(p -> meets(p, exchange)).findFirst();
            if (plan.isPresent() && plans.remove(plan.get())) {
                echo(exchange, plan.get(), body);
            } else {
                pass(exchange, body);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean meets(Reply reply, HttpExchange exchange) {
        return exchange.getRequestMethod().equals(reply.method)
                && exchange.getRequestURI().getPath().startsWith(cloud.getPath() + reply.path);
    }

    private void echo(HttpExchange exchange, Reply reply, byte[] body) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        String heard = token + "\n" + new String(body, StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("X-Correlation-Id", token.substring("Bearer ".length()));
        exchange.getResponseHeaders().add("X-Heard", token);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        byte[] answer = reply.code.isEmpty()
                ? heard.getBytes(StandardCharsets.UTF_8)
                : JSON.writeValueAsBytes(error(reply, heard));
        exchange.sendResponseHeaders(reply.status, answer.length);
        exchange.getResponseBody().write(answer);
    }

    /** In Cloudflare's form when the code is a number, else in Hetzner's. */
    private static Map<String, Object> error(Reply reply, String heard) {
        String message = "refused: " + heard;
        return reply.code.matches("[0-9]+")
                ? Map.of(
                        "success",
                        false,
                        "errors",
                        List.of(Map.of("code", Integer.valueOf(reply.code), "message", message)))
                : Map.of(
                        "error",
                        Map.of(
                                "code",
                                reply.code,
                                "message",
                                message,
                                "details",
                                Map.of("fields", List.of(Map.of("name", heard, "messages", List.of(heard))))));
    }

    private void pass(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(cloud.resolve(exchange.getRequestURI()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .header("Authorization", exchange.getRequestHeaders().getFirst("Authorization"))
                .header("Content-Type", "application/json")
                .build();
        var answer = client.send(request, BodyHandlers.ofByteArray());
        answer.headers().map().forEach((name, values) -> {
            if (!name.equalsIgnoreCase("content-length")) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
    }

    @Override
    public void close() {
        server.stop(0);
        client.close();
    }
}
