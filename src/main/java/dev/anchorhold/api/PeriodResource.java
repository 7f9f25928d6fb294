package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
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
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Serves state periods, which resource was in which state for how long and of which account: {@code /api/periods}. */
@Path("/api/periods")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Periods")
public class PeriodResource {
    private final CallerAccess access;
    private final Instance<Periods> periods;

    PeriodResource(CallerAccess access, Instance<Periods> periods) {
        this.access = access;
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

            @Schema(description = "how many GiB of volumes it held; absent when it had none")
            Integer volumeGiB,

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
                    it.volumeGiB(),
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
    public ResultPage<PeriodItem, Long> list(
            @Parameter(description = ParameterDescriptions.ACCOUNT) @QueryParam("account") String account,
            @Parameter(description = ParameterDescriptions.RESOURCE) @QueryParam("resource") String resource,
            @Parameter(description = "Only those in this state: Running or Paused.") @QueryParam("state") String state,
            @Parameter(description = ParameterDescriptions.FROM) @QueryParam("from") String from,
            @Parameter(description = ParameterDescriptions.TO) @QueryParam("to") String to,
            @Parameter(description = ParameterDescriptions.AFTER) @QueryParam("after") String after,
            @Parameter(description = ParameterDescriptions.LIMIT)
                    @QueryParam("limit")
                    @DefaultValue(QueryParameters.DEFAULT_LIMIT)
                    String limit) {
        QueryParameters.TimeRange range = QueryParameters.TimeRange.of(from, to);
        Optional<State> in =
                Optional.ofNullable(state).map(it -> QueryParameters.oneOf(it, State.class, false, "state"));
        Optional<Long> cursor = QueryParameters.cursor(after, "after");
        int max = QueryParameters.limit(limit);
        var query = new PeriodQuery(
                access.requireAccountIfGiven(account),
                access.requireResourceIfGiven(resource),
                in,
                range.from(),
                range.to());
        List<Period> found = periods.get().list(access.scope(), query, cursor, max + 1);
        return ResultPage.of(found, max, PeriodItem::of, Period::openedBy);
    }
}
