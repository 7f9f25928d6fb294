package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.ledger.books.MonthlyStatements;
import dev.anchorhold.ledger.books.Period;
import dev.anchorhold.ledger.books.PeriodQuery;
import dev.anchorhold.ledger.books.Periods;
import dev.anchorhold.ledger.books.Usage;
import dev.anchorhold.ledger.books.UsageLine;
import dev.anchorhold.ledger.books.UsageQuery;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.log.LogEvent;
import dev.anchorhold.ledger.log.LogEvents;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Shows what became of a resource: its states drawn over time, its hours of each day, and its events with their proofs. */
@Path("/dashboard/resources/{uid}")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class ResourcePage {
    /** Days of the usage chart. */
    private static final int DAYS = 30;

    private static final int DAY_WIDTH = 10;
    /** Of periods and of events on the page: the newest. */
    private static final int MAX_ROWS = 200;

    private static final int BATCH = 1_000;

    private final CallerAccess access;
    private final Instance<Periods> periods;
    private final Instance<Usage> usage;
    private final Instance<LogEvents> events;
    private final Instance<MonthlyStatements> statements;
    private final InstantSource clock;

    ResourcePage(
            CallerAccess access,
            Instance<Periods> periods,
            Instance<Usage> usage,
            Instance<LogEvents> events,
            Instance<MonthlyStatements> statements,
            InstantSource clock) {
        this.access = access;
        this.periods = periods;
        this.usage = usage;
        this.events = events;
        this.statements = statements;
        this.clock = clock;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance resource(PageFrame frame, ResourceView it);

        private Templates() {}
    }

    /**
     * What the page shows.
     *
     * @param more whether there were more periods than are shown
     * @param periods those of the caller's accounts, the newest first
     */
    record ResourceView(
            ResourceRow row,
            String account,
            Cost cost,
            Timeline timeline,
            boolean more,
            List<Day> days,
            List<PeriodRow> periods,
            List<EventRow> events) {}

    /** A period, with how long it lasted until now. */
    record PeriodRow(Period period, String state, String duration) {}

    /**
     * A day of the usage chart.
     *
     * @param x where its bar stands
     * @param running its height, in percent of a whole day
     * @param paused the same
     */
    record Day(int x, LocalDate date, double running, double paused, String title) {}

    @GET
    public String get(@PathParam("uid") String uid, @Context HttpServerRequest request) {
        String resource = access.requireResource(uid);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        List<Period> all = periods.get()
                .list(access.scope(), PeriodQuery.all().resource(resource), Optional.empty(), Integer.MAX_VALUE);
        Period last = all.getLast();
        List<Period> newest = all.subList(Math.max(0, all.size() - MAX_ROWS), all.size());
        ResourceRow row = new ResourceRow(
                last.subject(),
                last.endedAt() == null ? last.state() : null,
                last.endedAt() == null ? last.startedAt() : last.endedAt());
        return Templates.resource(
                        PageFrame.of(access, request),
                        new ResourceView(
                                row,
                                last.account(),
                                Cost.of(
                                        statements
                                                .get()
                                                .of(last.account(), YearMonth.from(now.atOffset(ZoneOffset.UTC)), now),
                                        last),
                                Timeline.of(newest, now),
                                newest.size() < all.size(),
                                days(resource, now),
                                newest.reversed().stream()
                                        .map(it -> periodRow(it, now))
                                        .toList(),
                                eventRows(resource)))
                .render();
    }

    private static PeriodRow periodRow(Period it, Instant now) {
        return new PeriodRow(
                it,
                Format.state(it.subject().kind(), it.state()),
                Format.duration(Duration.between(it.startedAt(), it.endAt(now))));
    }

    private List<Day> days(String resource, Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        var query = new UsageQuery(
                today.minusDays(DAYS - 1L),
                today.plusDays(1),
                UsageQuery.GroupBy.DAY,
                ZoneOffset.UTC,
                Optional.empty(),
                Optional.of(resource));
        Map<LocalDate, long[]> byDay = new TreeMap<>();
        today.minusDays(DAYS - 1L).datesUntil(today.plusDays(1)).forEach(it -> byDay.put(it, new long[2]));
        for (UsageLine line : usage.get().of(access.scope(), query, now)) {
            byDay.get(line.day())[line.state() == State.Running ? 0 : 1] += line.microseconds();
        }
        List<Day> days = new ArrayList<>();
        byDay.forEach((date, it) -> days.add(new Day(
                days.size() * DAY_WIDTH,
                date,
                percentOfDay(it[0]),
                percentOfDay(it[1]),
                "%s: running %s, paused %s".formatted(date, hours(it[0]), hours(it[1])))));
        return days;
    }

    private static double percentOfDay(long microseconds) {
        return Math.round(microseconds * 1000.0 / Duration.ofDays(1).toSeconds() / 1_000_000) / 10.0;
    }

    private static String hours(long microseconds) {
        return Format.duration(Duration.of(microseconds, ChronoUnit.MICROS));
    }

    /** The newest, the newest first: the log is read from the resource's first event on. */
    private List<EventRow> eventRows(String resource) {
        var query = new LogEvents.Query(Optional.empty(), Optional.of(resource), Optional.empty(), Optional.empty());
        Deque<EventRow> newest = new ArrayDeque<>();
        long after = -1;
        List<LogEvent> read;
        do {
            read = events.get().audited(access.scope(), query, after, BATCH);
            for (LogEvent it : read) {
                newest.addFirst(EventRow.of(it));
                after = it.index();
            }
            while (newest.size() > MAX_ROWS) {
                newest.removeLast();
            }
        } while (read.size() == BATCH);
        return List.copyOf(newest);
    }
}
