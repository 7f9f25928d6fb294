package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Database;
import io.quarkus.narayana.jta.QuarkusTransactionException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.RollbackException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps exceptions to HTTP answers with problem details. */
class WebExceptionMapper {
    private static final Logger LOG = Logger.getLogger(WebExceptionMapper.class);

    private final Instance<AttemptLimiter> limiter;

    WebExceptionMapper(Instance<AttemptLimiter> limiter) {
        this.limiter = limiter;
    }

    /** Whoever is nobody counts as an attempt of its address. */
    @ServerExceptionMapper
    Response problem(HttpProblem problem, HttpServerRequest request) {
        try {
            if (problem.status() == 401) {
                limiter.get().check(request);
            }
            return problem.response();
        } catch (HttpProblem tooMany) {
            return tooMany.response();
        }
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
        return unavailable();
    }

    /** What entities are read and written by says it so. Its message can quote a row. */
    @ServerExceptionMapper({PersistenceException.class, QuarkusTransactionException.class, RollbackException.class})
    Response persistence(Exception e) {
        LOG.warnf("the database did not do it (%s)", e.getClass().getSimpleName());
        return unavailable();
    }

    private static Response unavailable() {
        return Response.fromResponse(HttpProblem.response(503, "the database does not answer", null))
                .header("Retry-After", 5)
                .build();
    }
}
