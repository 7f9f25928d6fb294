package dev.anchorhold.api;

import dev.anchorhold.identity.BrowserSession;
import dev.anchorhold.identity.BrowserSessions;
import dev.anchorhold.platform.web.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lists the browsers in which a person is signed in, and signs them out: {@code /api/sessions}. For the person's own browser, never for a token. */
@Path("/api/sessions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "You")
public class BrowserSessionResource {
    private final CallerAccess access;
    private final Instance<BrowserSessions> sessions;

    BrowserSessionResource(CallerAccess access, Instance<BrowserSessions> sessions) {
        this.access = access;
        this.sessions = sessions;
    }

    @Schema(name = "Session")
    record SessionItem(
            UUID id,

            @Schema(description = "what the browser calls itself")
            String browser,

            @Schema(description = "where it signed in from") String address,
            Instant began,
            @Schema(description = "to the minute") Instant lastUsed,
            Instant expires,

            @Schema(description = "whether it is the one that asks")
            boolean current) {

        static SessionItem of(BrowserSession it, Optional<UUID> current) {
            return new SessionItem(
                    it.id,
                    it.browser,
                    it.address,
                    it.began,
                    it.lastUsed,
                    it.expires,
                    current.filter(it.id::equals).isPresent());
        }
    }

    @GET
    @Operation(summary = "Where you are signed in", description = "The newest first.")
    public ResultPage<SessionItem, String> list() {
        UUID person = access.requireBrowser();
        return new ResultPage<>(
                sessions.get().of(person).stream()
                        .map(it -> SessionItem.of(it, access.caller().session()))
                        .toList(),
                null);
    }

    @DELETE
    @Operation(
            summary = "Sign out everywhere",
            description = "All your sessions end, this one too, on every replica at once. Your API tokens stay.")
    public void endAll() {
        sessions.get().endAll(access.requireBrowser());
    }

    @DELETE
    @Path("{id}")
    @Operation(summary = "Sign one browser out")
    public void end(@Parameter(description = "the session's id") @PathParam("id") String id) {
        UUID session = UUID.fromString(QueryParameters.uid(id, "id"));
        if (!sessions.get().end(access.requireBrowser(), session)) {
            throw HttpProblem.notFound();
        }
    }
}
