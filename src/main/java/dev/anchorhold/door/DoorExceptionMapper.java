package dev.anchorhold.door;

import dev.anchorhold.platform.web.HttpProblem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps refused guest calls to responses: 403 without a reason. */
class DoorExceptionMapper {

    /** The one refusal. */
    @ServerExceptionMapper
    Response refused(GuestForbiddenException refusal) {
        return HttpProblem.response(403, null, null);
    }
}
