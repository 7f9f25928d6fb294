package dev.anchorhold.door;

import dev.anchorhold.platform.web.HttpProblem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What a guest's call is answered that the door does not serve. */
class DoorExceptionMapper {

    /** The one refusal. */
    @ServerExceptionMapper
    Response refused(GuestForbiddenException guestForbiddenException) {
        return HttpProblem.response(403, null, null);
    }

    @ServerExceptionMapper
    Response tooMany(AttemptLimiter.TooManyAttemptsException many) {
        return Response.fromResponse(HttpProblem.response(429, null, null))
                .header("Retry-After", Math.max(1, many.retryAfter.toSeconds() + 1))
                .build();
    }
}
