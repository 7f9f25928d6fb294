package dev.anchorhold.platform.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** Exception that answers a call with problem details (RFC 9457). Never quotes what was sent. */
public final class HttpProblem extends RuntimeException {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final String NOT_FOUND_DETAIL =
            "there is nothing here, or nothing that you may see: look at the path and the names";

    private final int status;
    private final String field;

    /** @param field of the message that is wrong, like {@code payload.port}; null when it is none */
    public HttpProblem(int status, String detail, String field) {
        super(detail, null, false, false);
        this.status = status;
        this.field = field;
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

    public Response response() {
        return response(status, getMessage(), field);
    }

    public static Response response(int status, String detail, String field) {
        String title = Response.Status.fromStatusCode(status).getReasonPhrase();
        return Response.status(status)
                .type(MEDIA_TYPE)
                .header(HttpHeaders.WWW_AUTHENTICATE, status == 401 ? "Bearer" : null)
                .entity(new Body("about:blank", title, status, detail, field))
                .build();
    }
}
