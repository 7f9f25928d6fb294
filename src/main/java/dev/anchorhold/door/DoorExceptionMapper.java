package dev.anchorhold.door;

import dev.anchorhold.platform.web.HttpProblem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps refused guest calls to responses: 403 without a reason, 429 with Retry-After. */
class DoorExceptionMapper {

    /** The one refusal. */
    @ServerExceptionMapper
    Response refused(GuestForbiddenException refusal) {
        return HttpProblem.response(403, null, null);
    }

    @ServerExceptionMapper
    Response tooMany(AttemptLimiter.TooManyAttemptsException attempts) {
        return Response.fromResponse(HttpProblem.response(429, null, null))
                .header("Retry-After", Math.max(1, attempts.retryAfter.toSeconds() + 1))
                .build();
    }
}
