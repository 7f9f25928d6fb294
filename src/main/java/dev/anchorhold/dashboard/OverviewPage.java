package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.identity.Membership;
import dev.anchorhold.ledger.books.BilledLine;
import dev.anchorhold.ledger.books.MonthlyStatements;
import dev.anchorhold.ledger.books.PeriodQuery;
import dev.anchorhold.ledger.books.Periods;
import dev.anchorhold.ledger.books.Statement;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows, of each account, what runs and what this month has cost so far. */
@Path("/dashboard")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class OverviewPage {
    /** Of one account; more are on its own page. */
    private static final int MAX_RESOURCES = 10;

    private final CallerAccess access;
    private final Instance<Periods> periods;
    private final Instance<MonthlyStatements> statements;
    private final InstantSource clock;

    OverviewPage(
            CallerAccess access,
            Instance<Periods> periods,
            Instance<MonthlyStatements> statements,
            InstantSource clock) {
        this.access = access;
        this.periods = periods;
        this.statements = statements;
        this.clock = clock;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance overview(PageFrame frame, String month, List<AccountCard> accounts);

        private Templates() {}
    }

    /**
     * An account on the overview.
     *
     * @param soFar what the running month comes to until now, in {@code currency}; null when that cannot be said
     * @param forecast the same for the whole month, if all goes on as it did; null as long as that would be a guess
     */
    record AccountCard(
            String name,
            String displayName,
            String role,
            String currency,
            BigDecimal soFar,
            BigDecimal forecast,
            long unpriced,
            List<ResourceRow> resources,
            boolean more) {

        public String spend() {
            return currency + " " + soFar.toPlainString();
        }

        public String forecastText() {
            return currency + " " + forecast.toPlainString();
        }
    }

    @GET
    public String overview(@Context HttpServerRequest request) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        YearMonth month = YearMonth.from(now.atOffset(ZoneOffset.UTC));
        return Templates.overview(
                        PageFrame.of(access, request),
                        Format.month(month),
                        access.caller().accounts().entrySet().stream()
                                .map(it -> card(it, month, now))
                                .toList())
                .render();
    }

    private AccountCard card(Map.Entry<String, Membership> account, YearMonth month, Instant now) {
        Statement statement = statements.get().of(account.getKey(), month, now);
        BigDecimal soFar = statement.unpriced() > 0 ? null : statement.total();
        List<ResourceRow> living = periods
                .get()
                .list(
                        access.scope(),
                        new PeriodQuery(
                                Optional.of(account.getKey()),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(now),
                                Optional.empty()),
                        Optional.empty(),
                        MAX_RESOURCES + 1)
                .stream()
                .map(it -> new ResourceRow(it.subject(), it.state(), it.startedAt()))
                .toList();
        return new AccountCard(
                account.getKey(),
                account.getValue().displayName(),
                account.getValue().role().name(),
                statement.currency(),
                soFar,
                soFar == null ? null : forecast(statement, month, now),
                statement.unpriced(),
                living.stream().limit(MAX_RESOURCES).toList(),
                living.size() > MAX_RESOURCES);
    }

    /** The month's own lines go on as they did, and adjustments do not come again. Of the first day nothing is said: it would be a guess. */
    private static BigDecimal forecast(Statement statement, YearMonth month, Instant now) {
        Instant begin = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant end = month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        long passed = Duration.between(begin, now).toSeconds();
        if (passed < Duration.ofDays(1).toSeconds()) {
            return null;
        }
        BigDecimal soFar = statement.total();
        BigDecimal lines =
                statement.billedLines().stream().map(BilledLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal toCome = lines.multiply(
                        BigDecimal.valueOf(Duration.between(now, end).toSeconds()))
                .divide(BigDecimal.valueOf(passed), soFar.scale(), RoundingMode.HALF_EVEN);
        return soFar.add(toCome);
    }
}
