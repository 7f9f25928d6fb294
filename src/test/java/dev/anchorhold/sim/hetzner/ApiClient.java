package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A bare HTTP client, as the simulator's tests need it: what goes over the wire is what is asserted. */
final class ApiClient implements AutoCloseable {
    record Reply(int status, JsonNode body, String text, HttpResponse<String> raw) {
        String code() {
            return body.path("error").path("code").asText();
        }

        String header(String name) {
            return raw.headers().firstValue(name).orElse(null);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;
    private final String token;

    ApiClient(URI base, String token) {
        this.base = base.toString();
        this.token = token;
    }

    static ApiClient of(HetznerSimulator simulator) {
        return new ApiClient(simulator.endpoint(), simulator.token());
    }

    Reply get(String path) {
        return send("GET", path, null);
    }

    Reply post(String path, String body) {
        return send("POST", path, body);
    }

    Reply put(String path, String body) {
        return send("PUT", path, body);
    }

    Reply delete(String path) {
        return send("DELETE", path, null);
    }

    private Reply send(String method, String path, String body) {
        try {
            return reply(http.send(request(method, path, body), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    CompletableFuture<Reply> sendLater(String method, String path, String body) {
        return http.sendAsync(request(method, path, body), HttpResponse.BodyHandlers.ofString())
                .thenApply(ApiClient::reply);
    }

    private HttpRequest request(String method, String path, String body) {
        var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + token)
                .method(method, publisher)
                .build();
    }

    private static Reply reply(HttpResponse<String> response) {
        boolean json = response.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
        try {
            var body = json ? JSON.readTree(response.body()) : JSON.createObjectNode();
            return new Reply(response.statusCode(), body, response.body(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server of the usual kind; its id. */
    long createServer(String name, String more) {
        var reply = post("/servers", serverBody(name, more));
        if (reply.status() != 201) throw new AssertionError(reply.text());
        return reply.body().at("/server/id").asLong();
    }

    static String serverBody(String name, String more) {
        return """
                {"name":"%s","server_type":"cpx22","image":"debian-12","location":"hel1"%s}""".formatted(name, more);
    }

    String status(long server) {
        return get("/servers/" + server).body().at("/server/status").asText();
    }

    @Override
    public void close() {
        http.close();
    }
}
