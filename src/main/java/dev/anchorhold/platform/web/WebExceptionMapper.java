package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Maps exceptions to HTTP answers with problem details. */
class WebExceptionMapper {
    private static final Logger LOG = Logger.getLogger(WebExceptionMapper.class);

    private final Settings settings;

    WebExceptionMapper(Settings settings) {
        this.settings = settings;
    }

    /** A process without the companion's role has none of its paths, not even closed ones. */
    @ServerRequestFilter(preMatching = true)
    Optional<Response> hideWithoutRole(ContainerRequestContext call) {
        String path = call.getUriInfo().getPath();
        boolean here = settings.roles().contains(Role.COMPANION);
        return here || path.startsWith("/q/")
                ? Optional.empty()
                : Optional.of(Response.status(404).build());
    }

    @ServerExceptionMapper
    Response problem(HttpProblem problem) {
        return problem.response();
    }

    /** What the server's own rules refuse: a path, a method, a form that is not known. */
    @ServerExceptionMapper
    Response refused(WebApplicationException refusal) {
        Response own = refusal.getResponse();
        if (own.getStatus() < 400) {
            return own;
        }
        return switch (own.getStatus()) {
            case 404 -> HttpProblem.notFound().response();
            case 405 -> HttpProblem.response(405, "there is no such method here", null);
            case 406 -> HttpProblem.response(406, "there is no such form of it: look at your Accept", null);
            default -> HttpProblem.response(own.getStatus(), null, null);
        };
    }

    /** A mistake of ours. It is told to the log alone, and found there by its id. */
    @ServerExceptionMapper
    Response internalError(RuntimeException mistake) {
        String id = UUID.randomUUID().toString();
        LOG.errorf(mistake, "a call failed by a mistake of ours (%s)", id);
        return HttpProblem.response(500, "a mistake of ours; the log has it under " + id, null);
    }

    @ServerExceptionMapper
    Response unavailable(Database.Unavailable unavailable) {
        return Response.fromResponse(HttpProblem.response(503, "the database does not answer", null))
                .header("Retry-After", 5)
                .build();
    }
}
