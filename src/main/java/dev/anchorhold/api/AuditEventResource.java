package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.anchorhold.ledger.log.CanonicalEvent;
import dev.anchorhold.ledger.log.LogEvent;
import dev.anchorhold.ledger.log.LogEvents;
import dev.anchorhold.platform.web.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Serves audit events in the log's order, each with what it takes to check it against the log: {@code /api/audit-events}. */
@Path("/api/audit-events")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Audit events")
public class AuditEventResource {
    private final CallerAccess access;
    private final Instance<LogEvents> events;

    AuditEventResource(CallerAccess access, Instance<LogEvents> events) {
        this.access = access;
        this.events = events;
    }

    /** The canonical form's fields, for the OpenAPI document alone. */
    @Schema(name = "Event", description = "What happened. What is not known is absent.")
    record EventSchema(
            String account,

            @Schema(description = "when it happened, in microseconds")
            Instant at,

            @Schema(description = "who asked for it, as far as Kubernetes tells")
            String by,

            @Schema(enumeration = {"provision", "start", "stop", "resize", "transfer", "destroy"})
            String event,

            @Schema(enumeration = {"Agent", "PlainVm"}) String kind,
            String name,
            String namespace,

            @Schema(description = "whose it was before a transfer")
            String previousAccount,

            @Schema(description = "why it ended otherwise than by being deleted: it was let go, or the books corrected")
            String reason,

            Instant recordedAt,
            String region,
            @Schema(description = "its UID") String resource,

            @Schema(description = "counts this resource's entries from 1")
            long sequence,

            String size,

            @Schema(
                    description = "what it is in from then on",
                    enumeration = {"Running", "Paused"})
            String state,

            @Schema(description = "version of this form") int v,

            @Schema(description = "how many GiB of volumes it holds from then on")
            Integer volumeGiB) {}

    @Schema(name = "RecordedEvent")
    record EventItem(
            @Schema(description = "its leaf in the log, from 0")
            long index,

            @Schema(description = "whether it is an audit event; else one that only bills rest on")
            boolean audited,

            Instant recordedAt,

            @Schema(implementation = EventSchema.class) @JsonRawValue
            String event,

            @Schema(description = "base64; the leaf's data is SHA-256 of it and the canonical bytes")
            String nonce,

            @Schema(description = "the event's canonical bytes, base64")
            String canonical,

            @Schema(description = "the leaf's hash as RFC 6962 has it, base64")
            String leafHash) {

        static EventItem of(LogEvent event) {
            byte[] canonical = CanonicalEvent.bytes(event);
            return new EventItem(
                    event.index(),
                    event.audited(),
                    event.recordedAt(),
                    new String(canonical, StandardCharsets.UTF_8),
                    Base64.getEncoder().encodeToString(event.nonce()),
                    Base64.getEncoder().encodeToString(canonical),
                    Base64.getEncoder().encodeToString(event.leafHash()));
        }
    }

    @GET
    @Operation(
            summary = "Audit events, in the order of the log",
            description =
                    "Whatever became of Agents, and destroy and transfer of PlainVms. A transfer is both accounts'."
                            + " The order never changes: what comes later stands behind what you have read.")
    public ResultPage<EventItem, Long> list(
            @Parameter(description = ParameterDescriptions.ACCOUNT) @QueryParam("account") String account,
            @Parameter(description = ParameterDescriptions.RESOURCE) @QueryParam("resource") String resource,
            @Parameter(description = ParameterDescriptions.FROM) @QueryParam("from") String from,
            @Parameter(description = ParameterDescriptions.TO) @QueryParam("to") String to,
            @Parameter(description = ParameterDescriptions.AFTER) @QueryParam("after") String after,
            @Parameter(description = ParameterDescriptions.LIMIT)
                    @QueryParam("limit")
                    @DefaultValue(QueryParameters.DEFAULT_LIMIT)
                    String limit) {
        QueryParameters.TimeRange range = QueryParameters.TimeRange.of(from, to);
        long cursor = QueryParameters.cursor(after, "after").orElse(-1L);
        int max = QueryParameters.limit(limit);
        var query = new LogEvents.Query(
                access.requireAccountIfGiven(account),
                access.requireResourceIfGiven(resource),
                range.from(),
                range.to());
        List<LogEvent> found = events.get().audited(access.scope(), query, cursor, max + 1);
        return ResultPage.of(found, max, EventItem::of, LogEvent::index);
    }

    @GET
    @Path("{index}")
    @Operation(
            summary = "One event of the log",
            description = "By its index; also one that is no audit event, such as the provisioning of a PlainVm.")
    public EventItem get(@Parameter(description = "its leaf in the log, from 0") @PathParam("index") String index) {
        return EventItem.of(visible(access, events.get(), index));
    }

    /** @throws HttpProblem 400 for what is no index, 404 */
    static LogEvent visible(CallerAccess access, LogEvents events, String index) {
        return events.at(QueryParameters.number(index, "index", 0, Long.MAX_VALUE - 1))
                .filter(it -> access.scope().accounts().isEmpty()
                        || access.scope().accounts().get().stream().anyMatch(it::concerns))
                .orElseThrow(HttpProblem::notFound);
    }
}
