package dev.anchorhold.operator.door;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.Tracing;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * HTTP client of the companion's internal API. Everything that is written there may be written again, so a lost answer
 * is a {@code Transient} here and never an unknown outcome. {@code Unauthorized}: the companion does not know us;
 * {@code Invalid}: it refuses the message, with the code {@code gone} because what it is about is deleted.
 */
public final class CompanionClient {
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
    private static final MediaType JSON = MediaType.get("application/json");
    private static final long MAX_RESPONSE_BYTES = 16L << 20;

    private final HttpUrl companion;
    private final Supplier<String> token;
    private final OkHttpClient http;

    /**
     * @param companion the companion's address
     * @param tokenFile with a ServiceAccount token of audience {@code anchorhold-companion}; read at each call, since it is renewed
     */
    public CompanionClient(String companion, Path tokenFile, OkHttpClient http) {
        this.companion = HttpUrl.get(companion);
        this.token = () -> read(tokenFile);
        this.http = http.newBuilder()
                .connectTimeout(Duration.ofSeconds(5))
                .followRedirects(false)
                .followSslRedirects(false)
                .build();
    }

    private static String read(Path tokenFile) {
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new CloudException.Unauthorized(
                    new Detail("no_token", "the companion's token cannot be read from " + tokenFile, ""));
        }
    }

    /** An address at the companion. */
    public HttpUrl.Builder url(String path) {
        return companion.newBuilder().addPathSegments(path);
    }

    /** @param message null for none */
    public void send(String method, HttpUrl url, Object message) {
        call(method, url, message, CALL_TIMEOUT);
    }

    public <T> T exchange(String method, HttpUrl url, Object message, Duration patience, Class<T> answer) {
        byte[] body = call(method, url, message, patience);
        try {
            return JsonMappers.LENIENT.readValue(body, answer);
        } catch (IOException e) {
            throw new CloudException.Transient(
                    new Detail("garbage", "the companion's answer cannot be read", ""), null);
        }
    }

    private byte[] call(String method, HttpUrl url, Object message, Duration patience) {
        OkHttpClient patient =
                http.newBuilder().readTimeout(patience).callTimeout(patience).build();
        var span = Tracing.tracer()
                .spanBuilder("companion " + method)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("http.request.method", method)
                .setAttribute("server.address", companion.host())
                .startSpan();
        try (var _ = span.makeCurrent();
                Response response =
                        patient.newCall(request(method, url, message)).execute()) {
            span.setAttribute("http.response.status_code", response.code());
            byte[] body = response.peekBody(MAX_RESPONSE_BYTES).bytes();
            if (response.isSuccessful()) {
                return body;
            }
            span.setStatus(StatusCode.ERROR);
            throw error(response.code(), problem(body));
        } catch (IOException e) {
            span.setStatus(StatusCode.ERROR);
            throw new CloudException.Transient(
                    new Detail("no_answer", "the companion does not answer at " + companion, ""), e);
        } finally {
            span.end();
        }
    }

    private Request request(String method, HttpUrl url, Object message) throws IOException {
        return new Request.Builder()
                .url(url)
                .method(
                        method,
                        message == null
                                ? null
                                : RequestBody.create(JsonMappers.STRICT.writeValueAsBytes(message), JSON))
                .headers(Headers.of(Tracing.headers()))
                .header("Authorization", "Bearer " + token.get())
                .build();
    }

    /** Of RFC 9457; empty when something in between answered. */
    private static JsonNode problem(byte[] body) {
        try {
            return JsonMappers.LENIENT.readTree(body);
        } catch (IOException _) {
            return JsonMappers.LENIENT.createObjectNode();
        }
    }

    private static CloudException error(int status, JsonNode problem) {
        String said = problem.path("detail").asText("");
        var detail = new Detail(
                status == 410 ? "gone" : "companion_" + status,
                "the companion refused with status %d%s".formatted(status, said.isEmpty() ? "" : ": " + said),
                "");
        return switch (status) {
            case 401, 403 -> new CloudException.Unauthorized(detail);
            case 400, 409, 410, 413 ->
                new CloudException.Invalid(
                        detail,
                        problem.path("field").isTextual()
                                ? List.of(problem.path("field").asText())
                                : List.of());
            default -> new CloudException.Transient(detail, null);
        };
    }
}
