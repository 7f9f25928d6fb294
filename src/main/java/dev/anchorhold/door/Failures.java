package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** What a call is answered that the door does not serve. */
class Failures {
    private static final String RETRY_AFTER = "Retry-After";
    private final Settings settings;

    Failures(Settings settings) {
        this.settings = settings;
    }

    /** In a process without the companion's role there is no door, not even a closed one. */
    @ServerRequestFilter(preMatching = true)
    Optional<Response> closed(ContainerRequestContext call) {
        String path = call.getUriInfo().getPath();
        boolean here = settings.roles().contains(Role.COMPANION);
        return here || !(path.startsWith("/guest/") || path.startsWith("/internal/"))
                ? Optional.empty()
                : Optional.of(Response.status(404).build());
    }

    /** The one refusal. */
    @ServerExceptionMapper
    Response refused(Refused refused) {
        return Problem.response(403, null, null);
    }

    @ServerExceptionMapper
    Response tooMany(Strangers.TooMany many) {
        return Response.fromResponse(Problem.response(429, null, null))
                .header(RETRY_AFTER, Math.max(1, many.retryAfter.toSeconds() + 1))
                .build();
    }

    @ServerExceptionMapper
    Response problem(Problem problem) {
        return problem.response();
    }

    @ServerExceptionMapper
    Response unavailable(Database.Unavailable unavailable) {
        return Response.fromResponse(Problem.response(503, "the database does not answer", null))
                .header(RETRY_AFTER, 5)
                .build();
    }
}
