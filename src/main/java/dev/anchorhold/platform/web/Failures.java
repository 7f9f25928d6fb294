package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** What a call is answered that cannot be served. */
class Failures {
    private final Settings settings;

    Failures(Settings settings) {
        this.settings = settings;
    }

    /** A process without the companion's role has none of its paths, not even closed ones. */
    @ServerRequestFilter(preMatching = true)
    Optional<Response> closed(ContainerRequestContext call) {
        String path = call.getUriInfo().getPath();
        boolean here = settings.roles().contains(Role.COMPANION);
        return here || path.startsWith("/q/")
                ? Optional.empty()
                : Optional.of(Response.status(404).build());
    }

    @ServerExceptionMapper
    Response problem(Problem problem) {
        return problem.response();
    }

    @ServerExceptionMapper
    Response unavailable(Database.Unavailable unavailable) {
        return Response.fromResponse(Problem.response(503, "the database does not answer", null))
                .header("Retry-After", 5)
                .build();
    }
}
