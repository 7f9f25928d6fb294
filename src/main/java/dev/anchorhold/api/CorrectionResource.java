package dev.anchorhold.api;

import dev.anchorhold.identity.Caller.Credential;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceEnding;
import dev.anchorhold.ledger.log.ResourceEndings;
import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RequestBodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Ends the open period of a resource that exists nowhere any more: {@code POST /api/corrections}. The correction is an
 * entry of the log like every other, with the person and the reason; nothing that is in the books is changed.
 */
@Path("/api/corrections")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Corrections")
public class CorrectionResource {
    static final String PREFIX = "correction: ";
    private static final int MAX_BODY = 16 << 10;

    private final CallerAccess access;
    private final Instance<ResourceEndings> endings;
    private final LivingObjects objects;
    private final Settings settings;
    private final InstantSource clock;

    CorrectionResource(
            CallerAccess access,
            Instance<ResourceEndings> endings,
            LivingObjects objects,
            Settings settings,
            InstantSource clock) {
        this.access = access;
        this.endings = endings;
        this.objects = objects;
        this.settings = settings;
        this.clock = clock;
    }

    @Schema(name = "Correction")
    record Correction(
            @Schema(description = "the UID of the resource whose period is open")
            String resource,

            @Schema(description = "when it really ended") Instant at,

            @Schema(description = "why the books are wrong, for whoever reads them later; one line")
            String reason) {
        Correction {
            InvalidFieldException.requireMatch(
                    resource, QueryParameters.UID, "resource", "must be a UID in lower case, as in metadata.uid");
            InvalidFieldException.requirePresent(at, "at");
            InvalidFieldException.require(
                    reason != null && !reason.isBlank() && reason.length() <= LedgerEntry.MAX_REASON - PREFIX.length(),
                    "reason",
                    "must be given, with at most %d characters".formatted(LedgerEntry.MAX_REASON - PREFIX.length()));
        }
    }

    /** The event as it is in the log now; its place and proofs are among the audit events. */
    record CorrectedItem(String resource, long sequence, Instant at, String by, String reason) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "End an open period of what exists nowhere any more",
            description = "For those whom the installation lets correct the books. Refused while the object exists.")
    public CorrectedItem correct(
            @RequestBody(content = @Content(schema = @Schema(implementation = Correction.class))) InputStream body) {
        String user = access.caller().user();
        if (access.caller().credential() != Credential.SERVICE_ACCOUNT
                || !settings.api().correctors().orElse(List.of()).contains(user)) {
            throw new HttpProblem(
                    403, "the installation does not let you correct the books (companion.api.correctors)", null);
        }
        var correction = RequestBodies.read(body, MAX_BODY, JsonMappers.STRICT, Correction.class);
        var newest = endings.get().newest(correction.resource()).orElseThrow(HttpProblem::notFound);
        if (newest.entry().event() == EventType.DESTROY) {
            throw new HttpProblem(
                    409,
                    "the resource has ended in the books already, at "
                            + newest.entry().at(),
                    "resource");
        }
        HttpProblem.require(
                !correction.at().isBefore(newest.entry().at()),
                "at",
                "must not be before the resource's last entry, "
                        + newest.entry().at());
        HttpProblem.require(!correction.at().isAfter(clock.instant()), "at", "must not be in the future");
        if (objects.exists(newest.subject())) {
            throw new HttpProblem(
                    409,
                    "the resource's object exists in Kubernetes: delete it there, and the books follow",
                    "resource");
        }
        var entry = endings.get()
                .end(new ResourceEnding(
                        correction.resource(),
                        correction.at(),
                        Printable.line(user, LedgerEntry.MAX_BY - 1),
                        PREFIX + Printable.line(correction.reason(), LedgerEntry.MAX_REASON)))
                .orElseThrow(HttpProblem::notFound);
        return new CorrectedItem(correction.resource(), entry.sequence(), entry.at(), entry.by(), entry.reason());
    }
}
