package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.api.html.StatementHtml;
import dev.anchorhold.ledger.books.MonthlyStatements;
import dev.anchorhold.ledger.books.Statement;
import dev.anchorhold.platform.web.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Serves monthly statements, as JSON for programs, CSV for a spreadsheet, HTML for reading: {@code /api/statements}. */
@Path("/api/statements")
@RunOnVirtualThread
@Tag(name = "Statements")
public class StatementResource {
    private static final String CSV = "text/csv";
    /** The page loads nothing, and nothing in it may run. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final CallerAccess access;
    private final Instance<MonthlyStatements> statements;
    private final InstantSource clock;

    StatementResource(CallerAccess access, Instance<MonthlyStatements> statements, InstantSource clock) {
        this.access = access;
        this.statements = statements;
        this.clock = clock;
    }

    @Schema(name = "StatementSummary")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SummaryItem(
            String account,

            @Schema(implementation = String.class, examples = "2026-11")
            YearMonth month,

            Statement.Status status,
            @Schema(description = "absent while it is open") Instant closedAt,
            String currency,

            @Schema(implementation = String.class, description = "absent while it is open")
            @JsonFormat(shape = JsonFormat.Shape.STRING)
            BigDecimal total) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "The statements of an account, the newest first")
    public ResultPage<SummaryItem, String> list(
            @Parameter(description = "Whose statements.", required = true) @QueryParam("account") String account) {
        HttpProblem.require(account != null, "account", "must be given: /api/accounts has those that you may see");
        String accountName = access.requireAccount(account);
        List<SummaryItem> all = statements.get().list(accountName, now()).stream()
                .map(it ->
                        new SummaryItem(accountName, it.month(), it.status(), it.closedAt(), it.currency(), it.total()))
                .toList();
        return new ResultPage<>(all, null);
    }

    /** The forms of a statement, by what a URL calls them. */
    enum StatementFormat {
        JSON(MediaType.APPLICATION_JSON_TYPE),
        CSV(new MediaType("text", "csv", "utf-8")),
        HTML(new MediaType("text", "html", "utf-8"));

        private final MediaType type;

        StatementFormat(MediaType type) {
            this.type = type;
        }

        /** The first that is wanted; the server has already refused a call that wants none of them. */
        static StatementFormat of(List<MediaType> wanted) {
            return wanted.stream()
                    .flatMap(it -> List.of(values()).stream().filter(form -> it.isCompatible(form.type)))
                    .findFirst()
                    .orElse(JSON);
        }
    }

    @GET
    @Path("{account}/{month}")
    @Produces({MediaType.APPLICATION_JSON, CSV, MediaType.TEXT_HTML})
    @Operation(
            summary = "The statement of a month",
            description =
                    "As JSON, CSV or a page, by `Accept` or `format`. While it is open it is computed anew each time, and what lasts"
                            + " counts up to now; a closed one never changes. Each line names its period, of `/api/periods`.")
    @APIResponse(
            responseCode = "200",
            description = "the statement",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = StatementItem.class)),
                @Content(mediaType = CSV, schema = @Schema(implementation = String.class)),
                @Content(mediaType = MediaType.TEXT_HTML, schema = @Schema(implementation = String.class))
            })
    public Response get(
            @Parameter(description = ParameterDescriptions.ACCOUNT) @PathParam("account") String account,
            @Parameter(description = "a month of UTC: `2026-11`") @PathParam("month") String month,
            @Parameter(description = "json, csv or html; overrules `Accept`") @QueryParam("format") String format,
            @Context HttpHeaders headers) {
        String accountName = access.requireAccount(account);
        YearMonth yearMonth = QueryParameters.month(month);
        StatementFormat form = format == null
                ? StatementFormat.of(headers.getAcceptableMediaTypes())
                : QueryParameters.oneOf(format, StatementFormat.class, true, "format");
        Statement statement = statements.get().of(accountName, yearMonth, now());
        return switch (form) {
            case JSON -> Response.ok(StatementItem.of(statement), form.type).build();
            case CSV ->
                Response.ok(StatementCsv.of(StatementItem.of(statement)), form.type)
                        .header(
                                HttpHeaders.CONTENT_DISPOSITION,
                                "attachment; filename=\"%s-%s.csv\"".formatted(accountName, yearMonth))
                        .build();
            case HTML ->
                Response.ok(StatementHtml.render(statement, access.displayName(accountName)), form.type)
                        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                        .build();
        };
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
