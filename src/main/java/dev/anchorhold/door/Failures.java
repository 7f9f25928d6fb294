package dev.anchorhold.door;

import dev.anchorhold.platform.web.Problem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What a guest's call is answered that the door does not serve. */
class Failures {

    /** The one refusal. */
    @ServerExceptionMapper
    Response refused(Refused refused) {
        return Problem.response(403, null, null);
    }

    @ServerExceptionMapper
    Response tooMany(Strangers.TooMany many) {
        return Response.fromResponse(Problem.response(429, null, null))
                .header("Retry-After", Math.max(1, many.retryAfter.toSeconds() + 1))
                .build();
    }
}
