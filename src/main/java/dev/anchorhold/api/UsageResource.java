package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.anchorhold.ledger.books.Usage;
import dev.anchorhold.ledger.books.UsageLine;
import dev.anchorhold.ledger.books.UsageQuery;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.platform.web.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Serves usage, the time in each state, by days, resources or accounts: {@code /api/usage}. */
@Path("/api/usage")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Usage")
public class UsageResource {
    private final CallerAccess access;
    private final Instance<Usage> usage;
    private final InstantSource clock;

    UsageResource(CallerAccess access, Instance<Usage> usage, InstantSource clock) {
        this.access = access;
        this.usage = usage;
        this.clock = clock;
    }

    @Schema(name = "Usage")
    record UsageResponse(
            LocalDate from,

            @Schema(description = "the day after the last one")
            LocalDate to,

            @Schema(description = "whose days are meant") String zone,

            @Schema(description = "until when a period counts that still lasts")
            Instant asOf,

            List<UsageItem> lines,

            @Schema(description = "microseconds by state: the sum of the lines")
            Map<State, Long> totals) {}

    @Schema(name = "UsageLine", description = "Time in one state, of a day, a resource or an account.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record UsageItem(
            LocalDate day,
            String account,

            @JsonUnwrapped ResourceFields of,
            State state,
            @Schema(description = "exact") long microseconds) {

        static UsageItem of(UsageLine it) {
            return new UsageItem(
                    it.day(),
                    it.account(),
                    it.subject() == null ? null : ResourceFields.of(it.subject()),
                    it.state(),
                    it.microseconds());
        }
    }

    @GET
    @Operation(
            summary = "Time used, by day, by resource or by account",
            description =
                    "Days are UTC's unless another zone is named. The lines add up to the periods in the range, exactly. Time of"
                            + " resources that are gone stays; what lasts counts up to now.")
    public UsageResponse get(
            @Parameter(description = ParameterDescriptions.ACCOUNT) @QueryParam("account") String account,
            @Parameter(description = ParameterDescriptions.RESOURCE) @QueryParam("resource") String resource,
            @Parameter(description = "The first day, `2026-11-01`; the first of this month unless given.")
                    @QueryParam("from")
                    String from,
            @Parameter(description = "The day after the last one, at most three years later; tomorrow unless given.")
                    @QueryParam("to")
                    String to,
            @Parameter(description = "What a line is of: day, resource or account.")
                    @QueryParam("by")
                    @DefaultValue("day")
                    String by,
            @Parameter(description = "Whose days are meant, by a name of the time zone database: `Europe/Berlin`.")
                    @QueryParam("zone")
                    @DefaultValue("UTC")
                    String zone) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        ZoneId zoneId = QueryParameters.zone(zone);
        LocalDate today = LocalDate.ofInstant(now, zoneId);
        LocalDate first = from == null ? today.withDayOfMonth(1) : QueryParameters.day(from, "from");
        LocalDate end = to == null ? today.plusDays(1) : QueryParameters.day(to, "to");
        HttpProblem.require(
                first.isBefore(end), "to", "must be after from; it is the day after the last one that counts");
        HttpProblem.require(
                ChronoUnit.DAYS.between(first, end) <= UsageQuery.MAX_DAYS,
                "to",
                "may be %d days after from; ask for each part of a longer time".formatted(UsageQuery.MAX_DAYS));
        UsageQuery.GroupBy groupBy = QueryParameters.oneOf(by, UsageQuery.GroupBy.class, true, "by");
        var query = new UsageQuery(
                first,
                end,
                groupBy,
                zoneId,
                access.requireAccountIfGiven(account),
                access.requireResourceIfGiven(resource));
        List<UsageItem> lines = usage.get().of(access.scope(), query, now).stream()
                .map(UsageItem::of)
                .toList();
        return new UsageResponse(first, end, zoneId.getId(), now, lines, totals(lines));
    }

    private static Map<State, Long> totals(List<UsageItem> lines) {
        return lines.stream()
                .collect(Collectors.groupingBy(
                        UsageItem::state, TreeMap::new, Collectors.summingLong(UsageItem::microseconds)));
    }
}
