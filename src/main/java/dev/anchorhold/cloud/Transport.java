package dev.anchorhold.cloud;

import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.platform.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Sends one HTTP call under the rate budget, and maps its outcome to an answer or a {@link CloudException}. Nothing is
 * retried here: whether a write may be repeated is for callers to decide, who can read first.
 */
public final class Transport {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final String USER_AGENT = "anchorhold/"
            + Objects.requireNonNullElse(Transport.class.getPackage().getImplementationVersion(), "dev");
    private static final long MAX_RESPONSE_BYTES = 32L << 20;

    private final HttpUrl endpoint;
    private final Supplier<String> token;
    private final OkHttpClient http;
    private final RateBudget budget;
    private final MeterRegistry meters;
    private final Tags tags;
    private final Dialect dialect;

    public Transport(
            Dialect dialect,
            String endpoint,
            Supplier<String> token,
            OkHttpClient http,
            Timeouts timeouts,
            RateBudget budget,
            MeterRegistry meters,
            String provider) {
        this.dialect = dialect;
        this.endpoint = HttpUrl.get(endpoint.endsWith("/") ? endpoint : endpoint + "/");
        this.token = token;
        this.http = TransmissionTracker.install(http.newBuilder()
                .connectTimeout(timeouts.connect())
                .readTimeout(timeouts.read())
                .writeTimeout(timeouts.read())
                .callTimeout(timeouts.call())
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false));
        this.budget = budget;
        this.meters = meters;
        this.tags = Tags.of("cloud", dialect.cloud(), "provider", provider);
        Gauges.put(meters, "anchorhold.cloud.budget.left", tags, budget, RateBudget::remaining);
        Gauges.put(meters, "anchorhold.cloud.budget.limit", tags, budget, RateBudget::limit);
    }

    /** One call. {@code confidential} are texts of the body that must not come back in a message. */
    public record ApiCall(
            Urgency urgency, Purpose purpose, String method, HttpUrl url, Object body, List<String> confidential) {
        boolean write() {
            return !method.equals("GET");
        }
    }

    public HttpUrl.Builder url(String path) {
        return endpoint.newBuilder().addPathSegments(path);
    }

    /** The answer's body read as {@code type}; null if the answer was rightly empty. */
    public <T> T send(ApiCall call, Class<T> type) {
        var span = Tracing.tracer()
                .spanBuilder(dialect.cloud() + " " + purpose(call))
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("http.request.method", call.method)
                .setAttribute("server.address", endpoint.host())
                .startSpan();
        String outcome = "failed";
        try {
            T answer = exchange(call, type);
            outcome = "ok";
            return answer;
        } catch (CloudException e) {
            outcome = e.getClass().getSimpleName().toLowerCase(Locale.ROOT);
            span.setStatus(StatusCode.ERROR);
            throw e;
        } finally {
            count(call, outcome);
            span.setAttribute("anchorhold.outcome", outcome).end();
        }
    }

    private static String purpose(ApiCall call) {
        return call.purpose.name().toLowerCase(Locale.ROOT);
    }

    private void count(ApiCall call, String outcome) {
        meters.counter("anchorhold.cloud.calls", tags.and("purpose", purpose(call), "outcome", outcome))
                .increment();
    }

    private <T> T exchange(ApiCall call, Class<T> type) {
        var secret = usable(token.get());
        var acquisition = budget.tryAcquire(call.urgency);
        if (acquisition instanceof RateBudget.Denied later)
            throw new CloudException.RateLimited(
                    new Detail("no_budget", "the credential's budget of calls is used up for now", ""),
                    later.retryAfter());
        var granted = (RateBudget.Granted) acquisition;
        var settled = false;
        var transmissionTracker = new TransmissionTracker();
        var confidential = new ArrayList<>(call.confidential);
        confidential.add(secret);
        try (var response =
                http.newCall(request(call, secret, transmissionTracker)).execute()) {
            settled = dialect.settleBudget(budget, granted, response.headers());
            return read(call, response, confidential, type);
        } catch (IOException e) {
            throw unanswered(call, transmissionTracker, e);
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

    private Request request(ApiCall call, String secret, TransmissionTracker transmissionTracker) throws IOException {
        var body = call.body == null
                ? (List.of("POST", "PUT", "PATCH").contains(call.method) ? RequestBody.create(new byte[0]) : null)
                : RequestBody.create(dialect.json().writeValueAsBytes(call.body), JSON);
        return new Request.Builder()
                .url(call.url)
                .method(call.method, body)
                .header("Authorization", "Bearer " + secret)
                .header("User-Agent", USER_AGENT)
                .header("Accept", "application/json")
                .tag(TransmissionTracker.class, transmissionTracker)
                .build();
    }

    private <T> T read(ApiCall call, Response response, List<String> confidential, Class<T> type) throws IOException {
        int status = response.code();
        var correlationId = Redaction.clean(response.header(dialect.correlationHeader(), ""), List.of());
        var bytes = response.peekBody(MAX_RESPONSE_BYTES).bytes();
        if (!response.isSuccessful() || dialect.isError(bytes))
            throw dialect.toException(
                    new Dialect.ErrorResponse(
                            call.write(),
                            status,
                            response.headers(),
                            correlationId,
                            () -> budget.exhausted(call.urgency),
                            time -> budget.blocked(call.urgency, time)),
                    bytes,
                    confidential);
        if (bytes.length == 0 && (status == 204 || type == Void.class)) return null;
        try {
            if (type == Void.class && dialect.json().readTree(bytes).isObject()) return null;
            var answer = type == Void.class ? null : dialect.json().readValue(bytes, type);
            if (answer != null) return answer;
        } catch (IOException | IllegalArgumentException e) {
            // falls through: the reason may quote the body, so it is not passed on
        }
        throw malformed(call.write(), "unreadable answer with status " + status, correlationId);
    }

    CloudException malformed(boolean write, String what, String correlationId) {
        var detail = new Detail("garbage", dialect.name() + ": " + what, correlationId);
        return write ? new CloudException.UnknownOutcome(detail, null) : new CloudException.Transient(detail, null);
    }

    private CloudException unanswered(ApiCall call, TransmissionTracker transmissionTracker, IOException e) {
        var reason = Redaction.clean(String.valueOf(e.getMessage()), call.confidential);
        var detail =
                new Detail("no_answer", "%s: no answer to %s: %s".formatted(dialect.name(), call.purpose, reason), "");
        return call.write() && transmissionTracker.started()
                ? new CloudException.UnknownOutcome(detail, e)
                : new CloudException.Transient(detail, e);
    }
}
