package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.api.QueryParameters;
import dev.anchorhold.ledger.log.LogEvent;
import dev.anchorhold.ledger.log.LogEvents;
import dev.anchorhold.platform.web.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Shows an account's audit events of a range of days, in the order of the log. */
@Path("/dashboard/accounts/{account}/events")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class EventsPage {
    private static final int PAGE = 100;
    /** What it begins with unless told otherwise. */
    private static final int DAYS = 30;

    private final CallerAccess access;
    private final Instance<LogEvents> events;
    private final InstantSource clock;

    EventsPage(CallerAccess access, Instance<LogEvents> events, InstantSource clock) {
        this.access = access;
        this.events = events;
        this.clock = clock;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance events(PageFrame frame, EventsView view);

        private Templates() {}
    }

    /**
     * What the page shows.
     *
     * @param from the first day
     * @param to the last day
     * @param next what the next page comes after; null when this is the last
     */
    record EventsView(
            String account, String displayName, LocalDate from, LocalDate to, List<EventRow> events, Long next) {}

    @GET
    public String get(
            @PathParam("account") String account,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("after") @DefaultValue("-1") long after,
            @Context HttpServerRequest request) {
        String name = access.requireAccount(account);
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        LocalDate first = day(from, "from").orElse(today.minusDays(DAYS));
        LocalDate last = day(to, "to").orElse(today);
        HttpProblem.require(!last.isBefore(first), "to", "must not be before from");
        var query = new LogEvents.Query(
                Optional.of(name),
                Optional.empty(),
                Optional.of(first.atStartOfDay(ZoneOffset.UTC).toInstant()),
                Optional.of(last.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant()));
        List<LogEvent> found = events.get().audited(access.scope(), query, after, PAGE + 1);
        List<EventRow> rows = found.stream().limit(PAGE).map(EventRow::of).toList();
        return Templates.events(
                        PageFrame.of(access, request),
                        new EventsView(
                                name,
                                access.displayName(name),
                                first,
                                last,
                                rows,
                                found.size() > PAGE ? rows.getLast().index() : null))
                .render();
    }

    /** A field of a form that is empty is none. */
    private static Optional<LocalDate> day(String text, String field) {
        return Optional.ofNullable(text).filter(it -> !it.isEmpty()).map(it -> QueryParameters.day(it, field));
    }
}
