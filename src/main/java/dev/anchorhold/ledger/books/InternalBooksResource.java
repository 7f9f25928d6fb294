package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.OpenResourcePage;
import dev.anchorhold.ledger.event.ResourceEnding;
import dev.anchorhold.ledger.log.ResourceEndings;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.InternalApiAccess;
import dev.anchorhold.platform.web.RequestBodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.regex.Pattern;

/** The books' endpoints for the operator: what is open in them, and the end of what has no journal any more. */
@Path("/internal/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class InternalBooksResource {
    private static final int PAGE = 1_000;
    private static final int MAX_BODY = 16 << 10;
    private static final String FIRST = "00000000-0000-0000-0000-000000000000";
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final Instance<OpenResources> open;
    private final Instance<ResourceEndings> endings;
    private final Instance<InternalApiAccess> access;

    InternalBooksResource(
            Instance<OpenResources> open, Instance<ResourceEndings> endings, Instance<InternalApiAccess> access) {
        this.open = open;
        this.endings = endings;
        this.access = access;
    }

    @GET
    @Path("open-resources")
    public OpenResourcePage open(
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @QueryParam("after") @DefaultValue(FIRST) String after) {
        access.get().authorize(authorization);
        HttpProblem.require(UID.matcher(after).matches(), "after", "must be a UID in lower case");
        return open.get().page(after, PAGE);
    }

    /** Done when it is answered; also of what the books do not know, or know to have ended. */
    @POST
    @Path("endings")
    public void end(@HeaderParam(HttpHeaders.AUTHORIZATION) String authorization, InputStream body) {
        access.get().authorize(authorization);
        try {
            endings.get().end(RequestBodies.read(body, MAX_BODY, JsonMappers.STRICT, ResourceEnding.class));
        } catch (IllegalArgumentException e) {
            throw new HttpProblem(400, e.getMessage(), "at");
        }
    }
}
