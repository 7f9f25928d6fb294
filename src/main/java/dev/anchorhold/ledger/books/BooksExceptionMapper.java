package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.web.HttpProblem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps what is wrong with the books as a whole to a response that says it: better no answer than one that is known to be wrong. */
class BooksExceptionMapper {
    private static final int RETRY_AFTER_SECONDS = 5;

    @ServerExceptionMapper
    Response unreadable(BooksUnreadableException unreadable) {
        return Response.fromResponse(HttpProblem.response(503, unreadable.getMessage(), null))
                .header("Retry-After", RETRY_AFTER_SECONDS)
                .build();
    }

    @ServerExceptionMapper
    Response gap(BooksProjection.LogGapException gap) {
        return HttpProblem.response(500, gap.getMessage(), null);
    }
}
