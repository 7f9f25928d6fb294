package dev.anchorhold.api;

import static dev.anchorhold.api.BooksTestEnvironment.ACME;
import static dev.anchorhold.api.BooksTestEnvironment.CODER;
import static dev.anchorhold.api.BooksTestEnvironment.GLOBEX;
import static dev.anchorhold.api.BooksTestEnvironment.LASTING;
import static dev.anchorhold.api.BooksTestEnvironment.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.api.BooksTestEnvironment.ApiClient;
import dev.anchorhold.api.BooksTestEnvironment.Response;
import dev.anchorhold.ledger.verify.VerifyLogJar;
import dev.anchorhold.operator.HostileTexts;
import dev.anchorhold.platform.Database;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The books as people and programs read them: a packaged companion, called by HTTP. */
class BooksApiTest {

    private static final BooksTestEnvironment ENVIRONMENT = BooksTestEnvironment.shared();

    @TempDir
    private static Path folder;

    private static ApiClient acme;
    private static ApiClient globex;
    private static ApiClient both;
    private static ApiClient auditor;
    private static ApiClient outsider;

    @BeforeAll
    static void start() throws Exception {
        acme = ENVIRONMENT.reader("books-acme");
        globex = ENVIRONMENT.reader("books-globex");
        both = ENVIRONMENT.reader("books-both");
        auditor = ENVIRONMENT.reader("books-auditor");
        outsider = ENVIRONMENT.reader("books-outsider");
    }

    @Test
    void everybody_sees_their_own_accounts_and_an_auditor_all() throws Exception {
        assertThat(names(acme.all("/api/accounts"))).containsExactly(ACME);
        assertThat(names(both.all("/api/accounts"))).containsExactly(ACME, GLOBEX);
        assertThat(names(outsider.all("/api/accounts"))).isEmpty();
        assertThat(names(auditor.all("/api/accounts"))).contains(ACME, GLOBEX);
    }

    private static List<String> names(List<JsonNode> items) {
        return items.stream().map(it -> it.get("name").asText()).toList();
    }

    @Test
    void each_event_is_listed_once_in_the_order_of_the_log() throws Exception {
        List<JsonNode> events = auditor.all("/api/audit-events?resource=" + CODER.uid());

        assertThat(events)
                .extracting(it -> it.at("/event/event").asText())
                .containsExactly("provision", "stop", "start", "transfer", "destroy");
        assertThat(events).extracting(it -> it.get("index").asLong()).isSorted().doesNotHaveDuplicates();
        assertThat(events).extracting(it -> it.at("/event/at").asText()).contains("2024-10-05T12:00:00.000004Z");
        JsonNode transfer = events.get(3).get("event");
        assertThat(transfer.get("account").asText()).isEqualTo(GLOBEX);
        assertThat(transfer.get("previousAccount").asText()).isEqualTo(ACME);
        assertThat(transfer.get("by").asText()).isEqualTo("kubectl");
    }

    @Test
    void of_a_transferred_agent_each_account_sees_its_own_part_and_both_the_transfer() throws Exception {
        assertThat(acme.all("/api/audit-events?resource=" + CODER.uid()))
                .extracting(it -> it.at("/event/event").asText())
                .containsExactly("provision", "stop", "start", "transfer");
        assertThat(globex.all("/api/audit-events?resource=" + CODER.uid()))
                .extracting(it -> it.at("/event/event").asText())
                .containsExactly("transfer", "destroy");
        assertThat(both.all("/api/audit-events?resource=" + CODER.uid())).hasSize(5);
        assertThat(both.all("/api/audit-events?account=" + ACME + "&resource=" + CODER.uid()))
                .hasSize(4);
    }

    @Test
    void a_plain_vms_end_is_an_audit_event_and_its_beginning_is_in_the_log() throws Exception {
        List<JsonNode> events = globex.all("/api/audit-events?resource=" + WEB.uid());
        assertThat(events).extracting(it -> it.at("/event/event").asText()).containsExactly("destroy");

        long began = globex.all("/api/periods?resource=" + WEB.uid())
                .getFirst()
                .get("id")
                .asLong();
        JsonNode provision = globex.get("/api/audit-events/" + began).ok();
        assertThat(provision.at("/event/event").asText()).isEqualTo("provision");
        assertThat(provision.get("audited").asBoolean()).isFalse();
    }

    @Test
    void an_event_comes_with_all_that_it_takes_to_find_its_leaf() throws Exception {
        JsonNode event = acme.all("/api/audit-events?resource=" + CODER.uid()).getFirst();
        byte[] canonical = Base64.getDecoder().decode(event.get("canonical").asText());
        assertThat(BooksTestEnvironment.json(new String(canonical, StandardCharsets.UTF_8)))
                .isEqualTo(event.get("event"));

        byte[] nonce = Base64.getDecoder().decode(event.get("nonce").asText());
        byte[] leaf = sha256(new byte[] {0}, sha256(nonce, canonical));
        assertThat(event.get("leafHash").asText()).isEqualTo(Base64.getEncoder().encodeToString(leaf));
        JsonNode proof =
                acme.get("/api/proofs/inclusion/" + event.get("index").asLong()).ok();
        assertThat(proof.get("leafHash")).isEqualTo(event.get("leafHash"));
        assertThat(proof.get("checkpoint").asText())
                .startsWith("anchorhold.local/log\n" + proof.get("size").asLong() + "\n");
        assertThat(rootOf(leaf, proof))
                .isEqualTo(proof.get("checkpoint").asText().split("\n")[2]);
    }

    /** RFC 9162, section 2.1.3.2, in the few lines that it takes. */
    private static String rootOf(byte[] leaf, JsonNode proof) throws Exception {
        long index = proof.get("index").asLong();
        long last = proof.get("size").asLong() - 1;
        byte[] hash = leaf;
        for (JsonNode it : proof.get("hashes")) {
            byte[] other = Base64.getDecoder().decode(it.asText());
            if (index % 2 == 1 || index == last) {
                hash = sha256(new byte[] {1}, other, hash);
                while (index % 2 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                hash = sha256(new byte[] {1}, hash, other);
            }
            index >>= 1;
            last >>= 1;
        }
        assertThat(last).isZero();
        return Base64.getEncoder().encodeToString(hash);
    }

    private static byte[] sha256(byte[]... parts) throws Exception {
        var all = new ByteArrayOutputStream();
        for (byte[] it : parts) {
            all.write(it);
        }
        return MessageDigest.getInstance("SHA-256").digest(all.toByteArray());
    }

    @Test
    void the_log_can_be_shown_to_have_only_grown() throws Exception {
        JsonNode proof = outsider.get("/api/proofs/consistency?from=1").ok();
        assertThat(proof.get("hashes")).isNotEmpty();
        assertThat(proof.get("checkpoint").asText().lines().toList().get(1))
                .isEqualTo(proof.get("to").asText());
        outsider.get("/api/proofs/consistency?from=2&to=1").refused(400, "to");
        outsider.get("/api/proofs/consistency").refused(400, "from");
    }

    @Test
    void periods_follow_one_another_without_gap_or_overlap_and_the_source_keeps_its_past() throws Exception {
        List<JsonNode> periods = both.all("/api/periods?resource=" + CODER.uid());

        assertThat(periods)
                .extracting(
                        it -> it.get("account").asText() + " " + it.get("state").asText())
                .containsExactly(ACME + " Running", ACME + " Paused", ACME + " Running", GLOBEX + " Running");
        for (int i = 1; i < periods.size(); i++) {
            assertThat(periods.get(i).get("startedAt"))
                    .isEqualTo(periods.get(i - 1).get("endedAt"));
        }
        assertThat(acme.all("/api/periods?resource=" + CODER.uid())).hasSize(3);
        assertThat(acme.all("/api/periods?resource=" + CODER.uid() + "&state=Paused"))
                .singleElement()
                .matches(it -> it.get("microseconds").asLong() == 86_400_000_001L);
        assertThat(acme.all("/api/periods?from=2024-11-01"))
                .singleElement()
                .matches(it -> it.get("resource").asText().equals(LASTING.uid()))
                .matches(it -> !it.has("endedAt"));
    }

    @Test
    void days_of_usage_add_up_to_the_periods_exactly() throws Exception {
        String october = "/api/usage?from=2024-10-01&to=2024-11-01&resource=" + CODER.uid();
        long periods = both.all("/api/periods?resource=" + CODER.uid()).stream()
                .mapToLong(it -> it.get("microseconds").asLong())
                .sum();

        for (String view : List.of("", "&by=account", "&by=resource", "&zone=Asia/Kathmandu")) {
            JsonNode usage = both.get(october + view).ok();
            long lines = 0;
            for (JsonNode line : usage.get("lines")) {
                lines += line.get("microseconds").asLong();
            }
            assertThat(lines).as(view).isEqualTo(periods);
            assertThat(usage.at("/totals/Running").asLong()
                            + usage.at("/totals/Paused").asLong())
                    .isEqualTo(periods);
        }
        assertThat(acme.get(october + "&by=resource").ok().get("lines"))
                .hasSize(2)
                .allMatch(it -> it.get("name").asText().equals("coder"));
        assertThat(acme.get("/api/usage?by=account").ok().at("/lines/0/account").asText())
                .isEqualTo(ACME);
    }

    /** What another account has, what nobody has, and what has no form of a name: nobody can tell them apart. */
    @Test
    void what_is_another_accounts_is_not_there() throws Exception {
        long foreign = globex.all("/api/audit-events?resource=" + WEB.uid())
                .getFirst()
                .get("index")
                .asLong();
        List<Response> answers = new ArrayList<>();
        for (String account : List.of(GLOBEX, "nobody", "%00", "..", "%3Cscript%3E", "x".repeat(300))) {
            for (String path : List.of("/api/audit-events", "/api/periods", "/api/usage")) {
                answers.add(acme.get(path + "?account=" + account));
            }
        }
        for (String resource : List.of(WEB.uid(), UUID.randomUUID().toString())) {
            for (String path : List.of("/api/audit-events", "/api/periods", "/api/usage")) {
                answers.add(acme.get(path + "?resource=" + resource));
            }
        }
        for (long index : List.of(foreign, 1_000_000L, Long.MAX_VALUE - 1)) {
            answers.add(acme.get("/api/audit-events/" + index));
            answers.add(acme.get("/api/proofs/inclusion/" + index));
        }
        answers.add(auditor.get("/api/periods?account=nobody"));
        answers.add(acme.get("/api/nothing"));
        answers.add(acme.get("/api/"));
        answers.add(acme.get("/api"));

        for (Response it : answers) {
            it.refused(404, "");
        }
        assertThat(answers)
                .extracting(Response::body)
                .containsOnly(answers.getFirst().body());
        assertThat(outsider.all("/api/audit-events")).isEmpty();
        assertThat(outsider.all("/api/periods")).isEmpty();
        assertThat(outsider.get("/api/usage").ok().get("lines")).isEmpty();
    }

    @Test
    void without_a_valid_token_nothing_is_returned() throws Exception {
        for (String path : List.of(
                "/api/accounts",
                "/api/audit-events",
                "/api/audit-events/0",
                "/api/proofs/consistency?from=0",
                "/api/proofs/inclusion/0",
                "/api/periods?limit=nonsense",
                "/api/usage")) {
            Response response = ENVIRONMENT.nobody().get(path);
            assertThat(response.refused(401, "")).contains("audience anchorhold-companion");
            assertThat(response.header("WWW-Authenticate")).isEqualTo("Bearer");
            ENVIRONMENT.nobody().get(path, "Authorization", "Bearer nonsense").refused(401, "");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/audit-events?limit=0            | limit    | from 1 to 1000",
                "/api/audit-events?limit=1000000000   | limit    | from 1 to 1000",
                "/api/audit-events?limit=-1           | limit    | from 1 to 1000",
                "/api/audit-events?limit=abc          | limit    | from 1 to 1000",
                "/api/audit-events?limit=99999999999999999999 | limit | from 1 to 1000",
                "/api/audit-events?after=-1           | after    | whole number",
                "/api/audit-events?after=9223372036854775808 | after | whole number",
                "/api/audit-events?resource=nonsense  | resource | metadata.uid",
                "/api/audit-events?resource=%00       | resource | metadata.uid",
                "/api/audit-events?from=yesterday     | from     | 2026-11-24T17:20:16Z",
                "/api/audit-events?from=2024-13-01    | from     | or a day",
                "/api/audit-events?from=2024-02-30    | from     | or a day",
                "/api/audit-events?from=0001-01-01    | from     | 2000 to 2999",
                "/api/audit-events?to=2024-10-01T00:00:00 | to   | 2026-11-24T17:20:16Z",
                "/api/audit-events?to=+999999999-01-01T00:00:00Z | to | 2000 to 2999",
                "/api/audit-events?from=2024-10-02&to=2024-10-01 | to | must be after from",
                "/api/audit-events?from=2024-10-01&to=2024-10-01 | to | must be after from",
                "/api/audit-events?acount=acme        |          | known are: account, after, from, limit, resource, to",
                "/api/audit-events/one                | index    | whole number",
                "/api/audit-events/-1                 | index    | whole number",
                "/api/proofs/inclusion/x              | index    | whole number",
                "/api/proofs/consistency?from=-1      | from     | whole number from 0",
                "/api/proofs/consistency?from=1000000 | from     | whole number from 0",
                "/api/periods?state=Stopped           | state    | Running, Paused",
                "/api/periods?state=running           | state    | Running, Paused",
                "/api/periods?limit=1001              | limit    | from 1 to 1000",
                "/api/usage?from=2024-10-01T00:00:00Z | from     | a day",
                "/api/usage?from=2024-10-02&to=2024-10-01 | to   | must be after from",
                "/api/usage?from=2010-01-01&to=2024-01-01 | to   | 1098 days after from",
                "/api/usage?zone=Mars/Olympus         | zone     | Europe/Berlin",
                "/api/usage?by=hour                   | by       | day, resource, account",
                "/api/accounts?limit=0                | limit    | from 1 to 1000",
            })
    void what_breaks_a_rule_is_named_with_what_to_do(String path, String field, String remedy) throws Exception {
        assertThat(acme.get(path).refused(400, field == null ? "" : field)).contains(remedy);
    }

    @Test
    void what_is_returned_is_what_the_log_has_as_a_tool_without_any_of_our_JSON_finds() throws Exception {
        String log = ENVIRONMENT.companion.uri() + "/log";
        String page = acme.get("/api/audit-events").body();
        Path exported = Files.writeString(folder.resolve("exported.json"), page);
        Path changed = Files.writeString(folder.resolve("changed.json"), page.replace("\"coder\"", "\"other\""));
        long first = acme.get("/api/audit-events?resource=" + CODER.uid())
                .ok()
                .at("/items/0/index")
                .asLong();

        var well = VerifyLogJar.run(log, "--events", exported.toString());
        assertThat(well.exit()).as(well.toString()).isZero();
        var bad = VerifyLogJar.run(log, "--events", changed.toString());
        assertThat(bad.exit()).as(bad.toString()).isEqualTo(1);
        assertThat(bad.out()).contains("First bad index: " + first).contains("changed.json");
    }

    /** Whatever stands in a URL is refused or not there, and never comes back as it was. */
    @ParameterizedTest
    @MethodSource
    void hostile_texts_break_nothing(String text) throws Exception {
        String hostile = URLEncoder.encode(text, StandardCharsets.UTF_8);
        for (String path : List.of(
                "/api/audit-events?account=",
                "/api/audit-events?resource=",
                "/api/audit-events?from=",
                "/api/audit-events?after=",
                "/api/audit-events?limit=",
                "/api/audit-events?nonsense=",
                "/api/periods?state=",
                "/api/usage?zone=",
                "/api/usage?by=",
                "/api/usage?from=",
                "/api/statements?account=",
                "/api/statements/" + ACME + "/2024-10?format=",
                "/api/accounts?limit=",
                "/api/audit-events/",
                "/api/statements/" + ACME + "/")) {
            Response response = acme.get(path + hostile);
            assertThat(response.status()).as(path).isIn(400, 404);
            assertThat(response.header("Content-Type")).startsWith("application/problem+json");
            assertThat(response.body()).doesNotContain("<script", "evil", "jndi");
        }
    }

    static List<String> hostile_texts_break_nothing() {
        return HostileTexts.ALL;
    }

    @Test
    void a_url_that_cannot_be_read_is_no_mistake_of_ours() throws Exception {
        var raw = new RawHttp(ENVIRONMENT.companion.uri());
        for (String path : List.of(
                "/api/periods?account=%ZZ",
                "/api/periods?%00",
                "/api/audit-events/%ZZ",
                "/api//audit-events/x",
                "/api/%2e%2e/internal/v1/guests")) {
            assertThat(raw.send("GET", path, "Host: x\r\nAuthorization: Bearer " + acme.token + "\r\n")
                            .status())
                    .as(path)
                    .isEqualTo(400);
        }
    }

    @Test
    void other_methods_and_forms_are_refused_as_problems_too() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            Response response = acme.send(method, "/api/audit-events");
            response.refused(405, "");
            assertThat(response.header("Allow")).contains("GET");
        }
        acme.get("/api/periods", "Accept", "image/png").refused(406, "");
    }

    @Test
    void nobody_in_between_keeps_an_answer_or_takes_it_for_something_else() throws Exception {
        for (Response response : List.of(
                acme.get("/api/accounts"),
                acme.get("/api/usage?by=nonsense"),
                ENVIRONMENT.nobody().get("/api/usage"))) {
            assertThat(response.header("Cache-Control")).isEqualTo("no-store");
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    /** The state of the books is put back: what they have is right all the while. */
    @Test
    void H21_while_the_books_are_made_anew_readers_are_told_and_afterwards_have_the_same() throws Exception {
        String before = acme.get("/api/periods").body();
        Database owner = new Database(ENVIRONMENT.database::asOwner);
        owner.transaction(it -> it.update("UPDATE ledger.books_cursor SET rebuild_to = position + 1000"));
        try {
            for (String path : List.of("/api/periods", "/api/usage", "/api/statements/" + ACME + "/2024-10")) {
                Response told = acme.get(path);
                assertThat(told.refused(503, "")).contains("made anew from the log");
                assertThat(told.header("Retry-After")).isEqualTo("5");
            }
        } finally {
            owner.transaction(it -> it.update("UPDATE ledger.books_cursor SET rebuild_to = 0"));
        }
        owner.transaction(it -> it.first(row -> row.number("it"), "SELECT ledger.rebuild_books() AS it"));
        await().until(() -> acme.get("/api/periods").status() == 200);
        assertThat(acme.get("/api/periods").body()).isEqualTo(before);
    }
}
