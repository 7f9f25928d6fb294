package dev.anchorhold.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An HTTP client of a companion, for tests. */
public final class TestHttpClient {
    public static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final URI companion;
    private final Map<String, String> headers;

    public TestHttpClient(URI companion) {
        this(companion, Map.of());
    }

    private TestHttpClient(URI companion, Map<String, String> headers) {
        this.companion = companion;
        this.headers = headers;
    }

    public TestHttpClient with(String token) {
        return and("Authorization", "Bearer " + token.strip());
    }

    TestHttpClient from(String addresses) {
        return and("X-Forwarded-For", addresses);
    }

    private TestHttpClient and(String name, String value) {
        var more = new HashMap<>(headers);
        more.put(name, value);
        return new TestHttpClient(companion, more);
    }

    public Response get(String path) throws Exception {
        return send("GET", path, null);
    }

    public Response post(String path, JsonNode body) throws Exception {
        return send("POST", path, body.toString());
    }

    public Response send(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(companion.resolve(path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        headers.forEach(request::header);
        HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
        return new Response(
                response.statusCode(), response.body(), response.headers().map());
    }

    public record Response(int status, String body, Map<String, List<String>> headers) {
        public JsonNode json() throws Exception {
            return JSON.readTree(body);
        }

        public JsonNode ok() throws Exception {
            assertThat(status).as(body).isEqualTo(200);
            return json();
        }
    }

    /** What a guest sends to redeem its token. */
    static ObjectNode bootstrap(TestGuest guest) {
        return bootstrap(guest, guest.token());
    }

    static ObjectNode bootstrap(TestGuest guest, String token) {
        return agent(guest).put("token", token).put("publicKey", guest.pem());
    }

    /** What a guest sends to come in by its key. */
    static ObjectNode signIn(TestGuest guest, String nonce) {
        return agent(guest).put("nonce", nonce).put("signature", guest.sign(nonce));
    }

    static ObjectNode agent(TestGuest guest) {
        return JSON.createObjectNode().put("agent", guest.agent().toString());
    }
}
