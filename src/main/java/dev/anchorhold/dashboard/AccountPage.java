package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.ledger.books.MonthlyStatements;
import dev.anchorhold.ledger.books.Period;
import dev.anchorhold.ledger.books.PeriodQuery;
import dev.anchorhold.ledger.books.Periods;
import dev.anchorhold.ledger.books.Statement;
import dev.anchorhold.ledger.books.Usage;
import dev.anchorhold.ledger.books.UsageLine;
import dev.anchorhold.ledger.books.UsageQuery;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Shows an account's resources of the last months, those that are gone too, and its statements. */
@Path("/dashboard/accounts/{account}")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class AccountPage {
    private static final int PAGE = 50;
    private static final int MAX_PAGE = 10_000;
    /** How far back it looks for what is gone. */
    private static final int MONTHS = 3;
    /** Of statements on the page. */
    private static final int STATEMENTS = 12;

    private final CallerAccess access;
    private final Instance<Periods> periods;
    private final Instance<Usage> usage;
    private final Instance<MonthlyStatements> statements;
    private final InstantSource clock;

    AccountPage(
            CallerAccess access,
            Instance<Periods> periods,
            Instance<Usage> usage,
            Instance<MonthlyStatements> statements,
            InstantSource clock) {
        this.access = access;
        this.periods = periods;
        this.usage = usage;
        this.statements = statements;
        this.clock = clock;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance account(PageFrame frame, AccountView account);

        private Templates() {}
    }

    /**
     * What the page shows.
     *
     * @param resources of this page, those that are there first
     * @param next the number of the page after this one; null when this is the last
     */
    record AccountView(
            String name,
            String displayName,
            int months,
            Filter filter,
            List<UsedResource> resources,
            Integer next,
            List<Statement.Summary> statements) {}

    /**
     * Which resources are shown.
     *
     * @param name a part of theirs; empty for all
     * @param state one of {@link #STATES}
     */
    record Filter(String name, String state) {
        private static final String ANY = "any";
        private static final String LEFT = "left";
        private static final List<String> STATES = List.of(ANY, "here", LEFT);

        record Choice(String value, boolean chosen) {}

        public List<Choice> states() {
            return STATES.stream().map(it -> new Choice(it, it.equals(state))).toList();
        }

        public boolean any() {
            return name.isEmpty() && state.equals(ANY);
        }

        public String nameForUrl() {
            return URLEncoder.encode(name, StandardCharsets.UTF_8);
        }

        boolean takes(UsedResource it) {
            boolean gone = it.row().state() == null;
            return it.row().subject().name().contains(name) && (state.equals(ANY) || gone == state.equals(LEFT));
        }
    }

    /**
     * A resource, with the time that it had in the last months.
     *
     * @param used by states
     */
    record UsedResource(ResourceRow row, Map<State, Duration> used) {

        String time(State state) {
            Duration it = used.get(state);
            return it == null ? "–" : Format.duration(it);
        }

        public String running() {
            return time(State.Running);
        }

        public String paused() {
            return time(State.Paused);
        }
    }

    @GET
    public String get(
            @PathParam("account") String account,
            @QueryParam("page") @DefaultValue("1") int page,
            @QueryParam("name") @DefaultValue("") String part,
            @QueryParam("state") @DefaultValue(Filter.ANY) String state,
            @Context HttpServerRequest request) {
        HttpProblem.require(page >= 1 && page <= MAX_PAGE, "page", "must be a number from 1 to " + MAX_PAGE);
        String name = access.requireAccount(account);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        HttpProblem.require(
                Filter.STATES.contains(state), "state", "must be one of: " + String.join(", ", Filter.STATES));
        Filter filter = new Filter(part.strip(), state);
        List<UsedResource> all =
                resources(name, now).stream().filter(filter::takes).toList();
        int from = Math.min((page - 1) * PAGE, all.size());
        int to = Math.min(page * PAGE, all.size());
        return Templates.account(
                        PageFrame.of(access, request),
                        new AccountView(
                                name,
                                access.displayName(name),
                                MONTHS,
                                filter,
                                all.subList(from, to),
                                to < all.size() ? page + 1 : null,
                                statements.get().list(name, now).stream()
                                        .limit(STATEMENTS)
                                        .toList()))
                .render();
    }

    private List<UsedResource> resources(String account, Instant now) {
        Map<String, Period> open = open(account, now);
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        Map<Subject, Map<State, Duration>> used = new LinkedHashMap<>();
        for (UsageLine line : usage.get()
                .of(
                        access.scope(),
                        new UsageQuery(
                                today.minusMonths(MONTHS - 1L).withDayOfMonth(1),
                                today.plusDays(1),
                                UsageQuery.GroupBy.RESOURCE,
                                ZoneOffset.UTC,
                                Optional.of(account),
                                Optional.empty()),
                        now)) {
            used.computeIfAbsent(line.subject(), _ -> new LinkedHashMap<>())
                    .merge(line.state(), Duration.of(line.microseconds(), ChronoUnit.MICROS), Duration::plus);
        }
        open.values().forEach(it -> used.computeIfAbsent(it.subject(), _ -> Map.of()));
        return used.entrySet().stream()
                .map(it ->
                        new UsedResource(row(it.getKey(), open.get(it.getKey().uid())), it.getValue()))
                .sorted(Comparator.comparing((UsedResource it) -> it.row().state() == null)
                        .thenComparing(it -> it.row().subject().name())
                        .thenComparing(it -> it.row().subject().uid()))
                .toList();
    }

    private Map<String, Period> open(String account, Instant now) {
        var query = new PeriodQuery(
                Optional.of(account), Optional.empty(), Optional.empty(), Optional.of(now), Optional.empty());
        return periods.get().list(access.scope(), query, Optional.empty(), Integer.MAX_VALUE).stream()
                .collect(Collectors.toMap(it -> it.subject().uid(), Function.identity(), (_, last) -> last));
    }

    private static ResourceRow row(Subject subject, Period open) {
        return open == null
                ? new ResourceRow(subject, null, null)
                : new ResourceRow(subject, open.state(), open.startedAt());
    }
}
