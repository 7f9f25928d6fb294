package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.anchorhold.ledger.log.Canonical;
import dev.anchorhold.ledger.log.Event;
import dev.anchorhold.ledger.log.Events;
import dev.anchorhold.platform.web.Problem;
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

/** The audit events, in the log's order, each with what it takes to check it against the log. */
@Path("/api/audit-events")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Audit events")
public class EventResource {
    private final Visit visit;
    private final Instance<Events> events;

    EventResource(Visit visit, Instance<Events> events) {
        this.visit = visit;
        this.events = events;
    }

    /** The canonical form's fields, for the OpenAPI document alone. */
    @Schema(name = "Event", description = "What happened. What is not known is absent.")
    record EventForm(
            String account,

            @Schema(description = "when it happened, in microseconds")
            Instant at,

            @Schema(description = "who asked for it, as far as Kubernetes tells")
            String by,

            @Schema(enumeration = {"provision", "start", "stop", "transfer", "destroy"})
            String event,

            @Schema(enumeration = {"Agent", "PlainVm"}) String kind,
            String name,
            String namespace,

            @Schema(description = "whose it was before a transfer")
            String previousAccount,

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

            @Schema(description = "version of this form") int v) {}

    @Schema(name = "RecordedEvent")
    record EventItem(
            @Schema(description = "its leaf in the log, from 0")
            long index,

            @Schema(description = "whether it is an audit event; else one that only bills rest on")
            boolean audited,

            Instant recordedAt,

            @Schema(implementation = EventForm.class) @JsonRawValue
            String event,

            @Schema(description = "base64; the leaf's data is SHA-256 of it and the canonical bytes")
            String nonce,

            @Schema(description = "the event's canonical bytes, base64")
            String canonical,

            @Schema(description = "the leaf's hash as RFC 6962 has it, base64")
            String leafHash) {

        static EventItem of(Event event) {
            byte[] canonical = Canonical.bytes(event);
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
    public Paged<EventItem, Long> list(
            @Parameter(description = Words.ACCOUNT) @QueryParam("account") String account,
            @Parameter(description = Words.RESOURCE) @QueryParam("resource") String resource,
            @Parameter(description = Words.FROM) @QueryParam("from") String from,
            @Parameter(description = Words.TO) @QueryParam("to") String to,
            @Parameter(description = Words.AFTER) @QueryParam("after") String after,
            @Parameter(description = Words.LIMIT) @QueryParam("limit") @DefaultValue(Asked.DEFAULT_LIMIT)
                    String limit) {
        Asked.Range range = Asked.Range.of(from, to);
        long place = Asked.place(after, "after").orElse(-1L);
        int most = Asked.limit(limit);
        var query = new Events.Query(visit.accountIf(account), visit.resourceIf(resource), range.from(), range.to());
        List<Event> found = events.get().audited(visit.scope(), query, place, most + 1);
        return Paged.of(found, most, EventItem::of, Event::index);
    }

    @GET
    @Path("{index}")
    @Operation(
            summary = "One event of the log",
            description = "By its index; also one that is no audit event, such as the provisioning of a PlainVm.")
    public EventItem one(@Parameter(description = "its leaf in the log, from 0") @PathParam("index") String index) {
        return EventItem.of(visible(visit, events.get(), index));
    }

    /** @throws Problem 400 for what is no index, 404 */
    static Event visible(Visit visit, Events events, String index) {
        return events.at(Asked.number(index, "index", 0, Long.MAX_VALUE - 1))
                .filter(it -> visit.scope().accounts().isEmpty()
                        || visit.scope().accounts().get().stream().anyMatch(it::concerns))
                .orElseThrow(Problem::nothing);
    }
}
