package dev.anchorhold.platform.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.platform.JsonMappers;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;

/** Exception that answers a call with problem details (RFC 9457). Never quotes what was sent. */
public final class HttpProblem extends RuntimeException {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final String NOT_FOUND_DETAIL =
            "there is nothing here, or nothing that you may see: look at the path and the names";

    private final int status;
    private final String field;
    private final Duration retryAfter;

    /** @param field of the message that is wrong, like {@code payload.port}; null when it is none */
    public HttpProblem(int status, String detail, String field) {
        this(status, detail, field, null);
    }

    private HttpProblem(int status, String detail, String field, Duration retryAfter) {
        super(detail, null, false, false);
        this.status = status;
        this.field = field;
        this.retryAfter = retryAfter;
    }

    public static HttpProblem tooMany(String detail, Duration retryAfter) {
        return new HttpProblem(429, detail, null, retryAfter);
    }

    public int status() {
        return status;
    }

    /** What is wrong, as the answer names it; null when it is no field. */
    public String field() {
        return field;
    }

    /** The one answer for what is not there and for what is another's: nobody can tell them apart. */
    public static HttpProblem notFound() {
        return new HttpProblem(404, NOT_FOUND_DETAIL, null);
    }

    public static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new HttpProblem(400, field + " " + rule, field);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Body(String type, String title, int status, String detail, String field) {}

    /** For what is refused before there is a resource. */
    Future<Void> write(HttpServerResponse response) {
        try {
            return response.setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .end(JsonMappers.STRICT.writeValueAsString(body(status, getMessage(), field)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    public Response response() {
        return Response.fromResponse(response(status, getMessage(), field))
                .header(HttpHeaders.RETRY_AFTER, retryAfter == null ? null : Math.max(1, retryAfter.toSeconds() + 1))
                .build();
    }

    public static Response response(int status, String detail, String field) {
        return Response.status(status)
                .type(MEDIA_TYPE)
                .header(HttpHeaders.WWW_AUTHENTICATE, status == 401 ? "Bearer" : null)
                .entity(body(status, detail, field))
                .build();
    }

    private static Body body(int status, String detail, String field) {
        String title = Response.Status.fromStatusCode(status).getReasonPhrase();
        return new Body("about:blank", title, status, detail, field);
    }
}
