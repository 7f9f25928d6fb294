package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Urgency;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Makes a call once, and says exactly what came of it. Nothing is repeated here: whether a write may be repeated is for those to
 * decide who can look first.
 */
final class Transport {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final long LARGEST_ANSWER = 32L << 20;

    private final HttpUrl endpoint;
    private final Supplier<String> token;
    private final OkHttpClient http;
    private final RateBudget budget;
    private final MeterRegistry meters;
    private final Tags tags;
    private final ObjectMapper json = WireFormat.mapper();

    Transport(
            String endpoint,
            Supplier<String> token,
            OkHttpClient http,
            Timeouts timeouts,
            RateBudget budget,
            MeterRegistry meters,
            String provider) {
        this.endpoint = HttpUrl.get(endpoint.endsWith("/") ? endpoint : endpoint + "/");
        this.token = token;
        this.http = Sent.watching(http.newBuilder()
                .connectTimeout(timeouts.connect())
                .readTimeout(timeouts.silence())
                .writeTimeout(timeouts.silence())
                .callTimeout(timeouts.call())
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false));
        this.budget = budget;
        this.meters = meters;
        this.tags = Tags.of("cloud", "hetzner", "provider", provider);
        Gauges.put(meters, "anchorhold.cloud.budget.left", tags, budget, RateBudget::left);
    }

    /** One call. {@code confidential} are texts of the body that must not come back in a message. */
    record Call(Urgency urgency, Purpose purpose, String method, HttpUrl url, Object body, List<String> confidential) {
        boolean write() {
            return !method.equals("GET");
        }
    }

    HttpUrl.Builder url(String path) {
        return endpoint.newBuilder().addPathSegments(path);
    }

    /** The answer's body read as {@code type}; null if the answer was rightly empty. */
    <T> T send(Call call, Class<T> type) {
        try {
            var answer = exchange(call, type);
            count(call, "ok");
            return answer;
        } catch (CloudException e) {
            count(call, e.getClass().getSimpleName().toLowerCase(Locale.ROOT));
            throw e;
        }
    }

    private void count(Call call, String outcome) {
        meters.counter(
                        "anchorhold.cloud.calls",
                        tags.and("purpose", call.purpose.name().toLowerCase(Locale.ROOT), "outcome", outcome))
                .increment();
    }

    private <T> T exchange(Call call, Class<T> type) {
        var secret = usable(token.get());
        var admission = budget.tryAcquire(call.urgency);
        if (admission instanceof RateBudget.ComeBack later)
            throw new CloudException.RateLimited(
                    new Detail("no_budget", "the credential's budget of calls is used up for now", ""), later.after());
        var granted = (RateBudget.Granted) admission;
        var settled = false;
        var sent = new Sent();
        var confidential = new ArrayList<>(call.confidential);
        confidential.add(secret);
        try (var response = http.newCall(request(call, secret, sent)).execute()) {
            settled = settle(granted, response);
            return read(call, response, confidential, type);
        } catch (IOException e) {
            throw unanswered(call, sent, e);
        } finally {
            if (!settled) budget.settleUnanswered(granted);
        }
    }

    /** A Secret's value often ends in a newline; other characters that no header may hold mean that it is no token. */
    private static String usable(String token) {
        var stripped = token == null ? "" : token.strip();
        if (!stripped.isEmpty() && stripped.chars().allMatch(c -> c > ' ' && c < 127)) return stripped;
        throw new CloudException.Unauthorized(new Detail("no_token", "there is no usable token", ""));
    }

    private Request request(Call call, String secret, Sent sent) throws IOException {
        var body = call.body == null
                ? (call.method.equals("POST") || call.method.equals("PUT") ? RequestBody.create(new byte[0]) : null)
                : RequestBody.create(json.writeValueAsBytes(call.body), JSON);
        return new Request.Builder()
                .url(call.url)
                .method(call.method, body)
                .header("Authorization", "Bearer " + secret)
                .header("User-Agent", WireFormat.USER_AGENT)
                .header("Accept", "application/json")
                .tag(Sent.class, sent)
                .build();
    }

    private boolean settle(RateBudget.Granted granted, Response response) {
        try {
            int limit = Integer.parseInt(response.header("RateLimit-Limit", ""));
            int remaining = Integer.parseInt(response.header("RateLimit-Remaining", ""));
            budget.settle(granted, limit, remaining);
            return true;
        } catch (NumberFormatException e) {
            return false; // an answer from something in between
        }
    }

    private <T> T read(Call call, Response response, List<String> confidential, Class<T> type) throws IOException {
        int status = response.code();
        var correlationId = Redaction.clean(response.header("X-Correlation-Id", ""), List.of());
        var bytes = response.peekBody(LARGEST_ANSWER).bytes();
        if (!response.isSuccessful()) {
            var error = errorIn(bytes);
            throw HetznerErrors.map(
                    call.write(), status, error, correlationId, confidential, () -> budget.exhausted(call.urgency));
        }
        if (bytes.length == 0 && (status == 204 || type == Void.class)) return null;
        if (type == Void.class) return null;
        try {
            var answer = json.readValue(bytes, type);
            if (answer != null) return answer;
        } catch (IOException | IllegalArgumentException e) {
            // falls through: the reason may quote the body, so it is not passed on
        }
        var detail = new Detail("garbage", "Hetzner Cloud: unreadable answer with status " + status, correlationId);
        throw call.write()
                ? new CloudException.UnknownOutcome(detail, null)
                : new CloudException.Transient(detail, null);
    }

    private JsonNode errorIn(byte[] bytes) {
        try {
            var error = json.readTree(bytes).path("error");
            return error.path("code").isTextual() ? error : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static CloudException unanswered(Call call, Sent sent, IOException e) {
        var reason = Redaction.clean(String.valueOf(e.getMessage()), call.confidential);
        var detail = new Detail("no_answer", "Hetzner Cloud: no answer to %s: %s".formatted(call.purpose, reason), "");
        return call.write() && sent.anything()
                ? new CloudException.UnknownOutcome(detail, e)
                : new CloudException.Transient(detail, e);
    }
}
