package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.anchorhold.ledger.books.Page;
import dev.anchorhold.ledger.books.Period;
import dev.anchorhold.ledger.books.PeriodQuery;
import dev.anchorhold.ledger.books.Periods;
import dev.anchorhold.ledger.event.State;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How long what was in which state, and whose. */
@Path("/api/periods")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Periods")
public class PeriodResource {
    private final Visit visit;
    private final Instance<Periods> periods;

    PeriodResource(Visit visit, Instance<Periods> periods) {
        this.visit = visit;
        this.periods = periods;
    }

    @Schema(
            name = "Period",
            description = "A resource in one state, of one account, from `startedAt` until just before `endedAt`.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PeriodItem(
            @Schema(description = "names the period, in statements too: the index of the event that began it")
            long id,

            @JsonUnwrapped ResourceFields of,
            String account,
            State state,
            Instant startedAt,
            @Schema(description = "absent while it lasts") Instant endedAt,

            @Schema(description = "the index of the event that ended it; absent while it lasts")
            Long endedBy,

            @Schema(description = "its length; absent while it lasts")
            Long microseconds) {

        static PeriodItem of(Period it) {
            return new PeriodItem(
                    it.openedBy(),
                    ResourceFields.of(it.subject()),
                    it.account(),
                    it.state(),
                    it.startedAt(),
                    it.endedAt(),
                    it.closedBy(),
                    it.endedAt() == null ? null : ChronoUnit.MICROS.between(it.startedAt(), it.endedAt()));
        }
    }

    @GET
    @Operation(
            summary = "State periods, in the order in which they began to be known",
            description =
                    "A resource's periods follow one another without overlap; at most one lasts. A PlainVm counts as Running while"
                            + " it exists. With `from` or `to`: those that have a part in that range.")
    public Paged<PeriodItem, Long> list(
            @Parameter(description = Words.ACCOUNT) @QueryParam("account") String account,
            @Parameter(description = Words.RESOURCE) @QueryParam("resource") String resource,
            @Parameter(description = "Only those in this state: Running or Paused.") @QueryParam("state") String state,
            @Parameter(description = Words.FROM) @QueryParam("from") String from,
            @Parameter(description = Words.TO) @QueryParam("to") String to,
            @Parameter(description = Words.AFTER) @QueryParam("after") String after,
            @Parameter(description = Words.LIMIT) @QueryParam("limit") @DefaultValue(Asked.DEFAULT_LIMIT)
                    String limit) {
        Asked.Range range = Asked.Range.of(from, to);
        Optional<State> in = Optional.ofNullable(state).map(it -> Asked.one(it, State.class, false, "state"));
        Optional<Long> place = Asked.place(after, "after");
        int most = Asked.limit(limit);
        var query = new PeriodQuery(visit.accountIf(account), visit.resourceIf(resource), in, range.from(), range.to());
        Page<Period> found = periods.get().list(visit.scope(), query, place, most);
        return new Paged<>(
                found.items().stream().map(PeriodItem::of).toList(),
                found.next().orElse(null));
    }
}
