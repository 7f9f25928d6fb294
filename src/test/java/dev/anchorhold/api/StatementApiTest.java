package dev.anchorhold.api;

import static dev.anchorhold.api.BooksTestEnvironment.ACME;
import static dev.anchorhold.api.BooksTestEnvironment.CODER;
import static dev.anchorhold.api.BooksTestEnvironment.GLOBEX;
import static dev.anchorhold.api.BooksTestEnvironment.LASTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.api.BooksTestEnvironment.ApiClient;
import dev.anchorhold.api.BooksTestEnvironment.Response;
import dev.anchorhold.ledger.verify.VerifyLogJar;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Monthly statements, as people and programs read them. */
class StatementApiTest {
    private static final String OCTOBER = "/api/statements/" + ACME + "/2024-10";
    private static final Instant BEGIN = Instant.parse("2024-10-01T00:00:00Z");
    private static final Instant END = Instant.parse("2024-11-01T00:00:00Z");

    private static final BooksTestEnvironment ENVIRONMENT = BooksTestEnvironment.shared();
    private static ApiClient acme;
    private static ApiClient auditor;

    @BeforeAll
    static void start() throws Exception {
        acme = ENVIRONMENT.reader("books-acme");
        auditor = ENVIRONMENT.reader("books-auditor");
    }

    @Test
    void its_lines_are_the_months_parts_of_the_periods_one_by_one() throws Exception {
        JsonNode statement = acme.get(OCTOBER).ok();
        var periods = acme.all("/api/periods?from=2024-10-01&to=2024-11-01").stream()
                .collect(Collectors.toMap(it -> it.get("id").asLong(), Function.identity()));

        assertThat(statement.get("lines")).hasSameSizeAs(periods.keySet());
        for (JsonNode line : statement.get("lines")) {
            JsonNode period = periods.remove(line.get("period").asLong());
            for (String same : List.of("resource", "kind", "name", "namespace", "size", "state")) {
                assertThat(line.get(same)).isEqualTo(period.get(same));
            }
            assertThat(line.get("microseconds").asLong()).isEqualTo(within(period));
        }
        assertThat(periods).isEmpty();
    }

    /** How much of a period is October's. */
    private static long within(JsonNode period) {
        Instant from = Instant.parse(period.get("startedAt").asText());
        Instant to = period.has("endedAt") ? Instant.parse(period.get("endedAt").asText()) : END;
        return ChronoUnit.MICROS.between(from.isBefore(BEGIN) ? BEGIN : from, to.isAfter(END) ? END : to);
    }

    @Test
    void its_total_is_the_exact_sum_rounded_once() throws Exception {
        JsonNode statement = acme.get(OCTOBER).ok();
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode line : statement.get("lines")) {
            assertThat(line.get("priceVersion").asInt()).isEqualTo(1);
            sum = sum.add(new BigDecimal(line.get("unitPrice").asText())
                    .multiply(BigDecimal.valueOf(line.get("microseconds").asLong())));
        }
        assertThat(statement.get("currency").asText()).isEqualTo("EUR");
        assertThat(statement.get("total").asText())
                .isEqualTo(sum.divide(BigDecimal.valueOf(3_600_000_000L), 2, RoundingMode.HALF_EVEN)
                        .toPlainString());
    }

    @Test
    void H33_what_is_shown_adds_up_to_the_total_as_json_csv_and_page() throws Exception {
        JsonNode statement = acme.get(OCTOBER).ok();
        BigDecimal total = new BigDecimal(statement.get("total").asText());

        assertThat(sum(statement
                        .get("cells")
                        .valueStream()
                        .map(it -> it.get("amount").asText())))
                .isEqualTo(total);
        assertThat(sum(statement
                        .get("lines")
                        .valueStream()
                        .map(it -> it.get("amount").asText())))
                .isEqualTo(total);
        assertThat(sum(statement
                        .get("lines")
                        .valueStream()
                        .map(it -> it.get("hours").asText())))
                .isEqualTo(sum(statement
                        .get("cells")
                        .valueStream()
                        .map(it -> it.get("hours").asText())));

        List<String> csv = acme.get(OCTOBER + "?format=csv").body().lines().toList();
        int amount = List.of(csv.getFirst().split(",")).indexOf("amount");
        assertThat(sum(csv.stream().skip(1).map(it -> it.split(",", -1)[amount])))
                .isEqualTo(total);

        List<String> page = Pattern.compile("<tr>.*?</tr>", Pattern.DOTALL)
                .matcher(acme.get(OCTOBER + "?format=html").body())
                .results()
                .map(MatchResult::group)
                .filter(it -> it.contains("<div class=\"id\">"))
                .toList();
        assertThat(page).hasSize(statement.get("lines").size());
        assertThat(sum(page.stream().map(it -> it.split("</td>")[7].replaceAll(".*>", ""))))
                .isEqualTo(total);
    }

    @Test
    void H20_a_statement_in_hand_is_checked_against_the_log_offline(@TempDir Path folder) throws Exception {
        ENVIRONMENT.closeMonths();
        String closed = acme.get(OCTOBER).body();
        String log = ENVIRONMENT.companion.uri() + "/log";
        String kept = folder.resolve("kept").toString();
        Path statement = Files.writeString(folder.resolve("october.json"), closed);
        assertThat(VerifyLogJar.run(log, "--keep", kept, "--statement", statement.toString()))
                .satisfies(it -> assertThat(it.exit()).as(it.out() + it.err()).isZero());

        for (String change : List.of(
                "\"microseconds\":86400000001->\"microseconds\":86400000002",
                "\"unitPrice\":\"0.001\"->\"unitPrice\":\"0.002\"",
                "\"total\":\"->\"total\":\"1",
                "2024-10-02T10:00:00.000002Z->2024-10-02T10:00:00.000003Z",
                "price_1->price_2")) {
            String[] fromTo = change.split("->");
            assertThat(closed).contains(fromTo[0]);
            Path changed = Files.writeString(folder.resolve("changed.json"), closed.replace(fromTo[0], fromTo[1]));
            assertThat(VerifyLogJar.run(kept, "--statement", statement.toString(), changed.toString()))
                    .as(change)
                    .satisfies(it -> assertThat(it.exit()).isEqualTo(1))
                    .satisfies(it -> assertThat(it.out())
                            .contains("The statement that " + changed + " tells of is not the log's entry")
                            .doesNotContain(statement.toString()));
        }
        Path open = Files.writeString(
                folder.resolve("open.json"),
                acme.get("/api/statements/" + ACME + "/" + YearMonth.now()).body());
        assertThat(VerifyLogJar.run(kept, "--statement", open.toString()).err())
                .contains("open.json: a closed statement has to have a commitment");
    }

    private static BigDecimal sum(Stream<String> amounts) {
        return amounts.map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Test
    void an_account_has_a_statement_for_each_month_since_its_first() throws Exception {
        List<JsonNode> months = auditor.get("/api/statements?account=" + ACME)
                .ok()
                .get("items")
                .valueStream()
                .toList();

        assertThat(months.getLast().get("month").asText()).isEqualTo("2024-10");
        assertThat(months).extracting(it -> it.get("month").asText()).doesNotHaveDuplicates();
        assertThat(acme.get("/api/statements").refused(400, "account")).contains("/api/accounts");
        assertThat(acme.get("/api/statements/" + ACME + "/2023-01").ok().get("lines"))
                .isEmpty();
    }

    @Test
    void the_csv_has_the_same_lines_and_no_formula() throws Exception {
        Response response = acme.get(OCTOBER, "Accept", "text/csv");
        List<String> rows = response.body().lines().toList();

        assertThat(response.header("Content-Type")).startsWith("text/csv");
        assertThat(response.header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"" + ACME + "-2024-10.csv\"");
        assertThat(response.body()).contains("\r\n");
        assertThat(rows.getFirst()).startsWith("account,month,status,part,forMonth,period,kind,resource,");
        assertThat(rows).hasSize(1 + acme.get(OCTOBER).ok().get("lines").size());
        assertThat(rows)
                .filteredOn(it -> it.contains(LASTING.uid()))
                .singleElement()
                .asString()
                .contains(",\"'=lasting(1)\",");
        assertThat(rows).filteredOn(it -> it.contains(CODER.uid())).hasSize(3);
        assertThat(acme.get(OCTOBER + "?format=csv").body()).startsWith("account,month,");
    }

    @Test
    void the_page_shows_all_of_it_and_runs_nothing() throws Exception {
        Response response = acme.get(OCTOBER, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

        assertThat(response.header("Content-Type")).startsWith("text/html");
        assertThat(response.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(response.body())
                .contains("Statement of October 2024", "default/coder", CODER.uid(), "2024-10-02 10:00:00</time>")
                .contains("datetime=\"2024-10-02T10:00:00.000002Z\"")
                .doesNotContainPattern(">[^<]*:00[.][0-9]{6}")
                .contains("EUR " + acme.get(OCTOBER).ok().get("total").asText())
                .contains("ACME &lt;script&gt;")
                .doesNotContain("<script");
    }

    @Test
    void by_default_it_is_json() throws Exception {
        assertThat(acme.get(OCTOBER, "Accept", "*/*").header("Content-Type")).startsWith("application/json");
        assertThat(acme.get(OCTOBER).header("Content-Type")).startsWith("application/json");
        acme.get(OCTOBER, "Accept", "image/png").refused(406, "");
    }

    @Test
    void another_accounts_is_not_there() throws Exception {
        acme.get("/api/statements/%3Cscript%3E/2024-10").refused(400, "path");
        String nothing = acme.get("/api/nothing").body();
        for (String path : List.of(
                "/api/statements/" + GLOBEX + "/2024-10",
                "/api/statements/nobody/2024-10",
                "/api/statements/" + GLOBEX + "/nonsense",
                "/api/statements?account=" + GLOBEX,
                "/api/statements?account=nobody")) {
            Response response = acme.get(path);
            response.refused(404, "");
            assertThat(response.body()).isEqualTo(nothing);
            ENVIRONMENT.nobody().get(path).refused(401, "");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"2024-13,month", "now,month", "24-10,month", "2024-10?format=pdf,format", "1999-12,month"})
    void what_is_no_month_or_format_is_refused(String end, String field) throws Exception {
        acme.get("/api/statements/" + ACME + "/" + end).refused(400, field);
    }
}
