package dev.anchorhold.dashboard;

import static dev.anchorhold.api.BooksTestEnvironment.ACME;
import static dev.anchorhold.api.BooksTestEnvironment.ANN;
import static dev.anchorhold.api.BooksTestEnvironment.BEN;
import static dev.anchorhold.api.BooksTestEnvironment.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.WaitLimit;
import dev.anchorhold.api.BooksTestEnvironment;
import dev.anchorhold.identity.CsrfToken;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.resource.AccountSpec.Member;
import dev.anchorhold.resource.AccountSpec.Role;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in by a link, a session's cookie and a person's token, and until when. */
class SignInTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static BooksTestEnvironment books;

    @BeforeAll
    static void start() {
        books = BooksTestEnvironment.shared();
    }

    private static Database database() {
        return new Database(books.database::asApplication);
    }

    private static <T> List<T> atOnce(int calls, Callable<T> call) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = IntStream.range(0, calls)
                    .mapToObj(_ -> threads.submit(call))
                    .toList();
            List<T> results = new ArrayList<>();
            for (var it : running) {
                results.add(it.get());
            }
            return results;
        }
    }

    // ---- links and sessions

    @Test
    void a_link_signs_in_once_whoever_else_has_it() throws Exception {
        String link = TestBrowser.link(books, ANN);
        var statuses = atOnce(
                50, () -> new TestBrowser(books.companion.uri()).signIn(link).statusCode());
        assertThat(statuses).containsOnly(303, 403).containsOnlyOnce(303);
    }

    @Test
    void what_looks_at_a_link_before_people_do_does_not_spend_it_and_no_other_site_may_use_it() throws Exception {
        String link = TestBrowser.link(books, ANN);
        TestBrowser browser = new TestBrowser(books.companion.uri());
        assertThat(browser.get(link).body()).contains("signs this browser in, once");
        HttpResponse<String> foreign = browser.send(
                "POST",
                "/dashboard/sign-in/link",
                Map.of("Sec-Fetch-Site", "cross-site"),
                link.replaceFirst(".*[?]", ""));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(browser.signIn(link).statusCode()).isEqualTo(303);
    }

    @Test
    void many_sign_ins_of_one_person_at_once_all_end_in_one_person_with_twenty_sessions() throws Exception {
        assertThat(atOnce(
                        30,
                        () -> new TestBrowser(books.companion.uri())
                                .signIn(TestBrowser.link(books, "noa"))
                                .statusCode()))
                .containsOnly(303);
        assertThat(JSON.readTree(TestBrowser.of(books, "noa")
                                .get("/api/sessions")
                                .body())
                        .get("items"))
                .hasSize(20);
    }

    @Test
    void a_link_that_has_expired_or_never_was_signs_nobody_in() throws Exception {
        String link = TestBrowser.link(books, ANN);
        database()
                .transaction(it -> it.update(
                        "UPDATE identity.sign_in_link SET expires = now() - interval '1 second' WHERE token_hash = ?",
                        OpaqueTokens.hash(link.replaceFirst(".*token=", ""))));
        for (String it :
                List.of(link, "/dashboard/sign-in/link?token=" + OpaqueTokens.generate(), "/dashboard/sign-in/link")) {
            TestBrowser browser = new TestBrowser(books.companion.uri());
            HttpResponse<String> answer = browser.signIn(it);
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("signs nobody in", "./dev login");
            assertThat(browser.cookie).isNull();
        }
    }

    @Test
    void the_cookie_is_opaque_and_for_our_pages_alone() throws Exception {
        HttpResponse<String> answer = new TestBrowser(books.companion.uri()).signIn(TestBrowser.link(books, ANN));
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .matches(
                        "__Host-anchorhold=[A-Za-z0-9_-]{43};Version=1;Path=/;Max-Age=604800;Secure;HttpOnly;SameSite=Lax");
        assertThat(answer.headers().firstValue("Location")).contains("/dashboard/");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @Test
    void F72_whatever_host_is_sent_a_browser_is_led_to_a_path_of_ours() throws Exception {
        var browser = new TestBrowser(books.companion.uri());
        for (String path : List.of("/", "/dashboard/", "/dashboard/you", "/dashboard/accounts/" + ACME)) {
            HttpResponse<String> answer = browser.send(
                    "GET", path, Map.of("X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher"), "");
            assertThat(answer.statusCode()).isEqualTo(303);
            assertThat(answer.headers().firstValue("Location").orElseThrow()).matches("/dashboard/(sign-in)?");
        }
    }

    @Test
    void a_planted_session_is_worth_nothing_after_a_sign_in() throws Exception {
        TestBrowser browser = TestBrowser.of(books, BEN);
        String planted = browser.cookie;
        browser.signIn(TestBrowser.link(books, ANN));
        assertThat(browser.cookie).isNotEqualTo(planted);

        TestBrowser thief = new TestBrowser(books.companion.uri());
        thief.cookie = planted;
        assertThat(thief.get("/api/me").statusCode()).isEqualTo(401);
        assertThat(thief.get("/dashboard/").statusCode()).isEqualTo(303);
    }

    @Test
    void F75_after_signing_out_a_copied_cookie_is_dead() throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        TestBrowser copy = new TestBrowser(books.companion.uri());
        copy.cookie = browser.cookie;
        assertThat(copy.get("/api/me").statusCode()).isEqualTo(200);

        HttpResponse<String> answer = browser.submit("/dashboard/sign-out", Map.of());
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .startsWith("__Host-anchorhold=;")
                .contains("Max-Age=0", "Secure", "Path=/");
        assertThat(copy.get("/api/me").statusCode()).isEqualTo(401);
    }

    @Test
    void signing_out_everywhere_ends_ones_own_sessions_and_nobody_elses() throws Exception {
        TestBrowser here = TestBrowser.of(books, "mia");
        TestBrowser there = TestBrowser.of(books, "mia");
        TestBrowser other = TestBrowser.of(books, BEN);
        JsonNode sessions = JSON.readTree(here.get("/api/sessions").body()).get("items");
        assertThat(sessions).hasSize(2);
        assertThat(sessions.findValuesAsText("current")).containsExactlyInAnyOrder("true", "false");

        String others = JSON.readTree(other.get("/api/sessions").body())
                .at("/items/0/id")
                .asText();
        assertThat(here.call("DELETE", "/api/sessions/" + others, "").statusCode())
                .as("another's session is not there")
                .isEqualTo(404);
        assertThat(here.call("DELETE", "/api/sessions", "").statusCode()).isEqualTo(204);
        assertThat(here.get("/api/me").statusCode()).isEqualTo(401);
        assertThat(there.get("/api/me").statusCode()).isEqualTo(401);
        assertThat(other.get("/api/me").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "null", "%00", "\"", "a b", "../../etc/passwd", "éé"})
    void F74_a_broken_cookie_means_signed_out(String cookie) throws Exception {
        TestBrowser browser = new TestBrowser(books.companion.uri());
        browser.cookie = cookie;
        assertThat(browser.get("/api/me").statusCode()).isEqualTo(401);
        assertThat(browser.get("/dashboard/").statusCode()).isEqualTo(303);
    }

    @Test
    void what_is_kept_opens_nothing() throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        String kept = database()
                .transaction(it -> it.all(
                        row -> row.text("kept"),
                        "SELECT encode(token_hash, 'hex') || ' ' || encode(token_hash, 'base64') || row_to_json(s)::text AS kept"
                                + " FROM identity.browser_session s"))
                .toString();
        assertThat(kept).doesNotContain(browser.cookie, browser.csrfToken());
    }

    // ---- changes by a browser

    @ParameterizedTest
    @CsvSource({
        "POST,   /api/tokens",
        "DELETE, /api/sessions",
        "DELETE, /api/sessions/00000000-0000-0000-0000-000000000001",
        "DELETE, /api/tokens/00000000-0000-0000-0000-000000000001",
        "POST,   /api/corrections"
    })
    void F92_no_call_changes_anything_without_the_sessions_own_token(String method, String path) throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        TestBrowser other = TestBrowser.of(books, ANN);
        for (Map<String, String> headers : List.of(
                Map.<String, String>of(),
                Map.of(CsrfToken.HEADER, ""),
                Map.of(CsrfToken.HEADER, other.csrfToken()),
                Map.of(CsrfToken.HEADER, browser.cookie))) {
            HttpResponse<String> answer = browser.send(method, path, headers, "");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
            assertThat(answer.body()).contains("the CSRF token is missing or of another session");
        }
        assertThat(browser.get("/api/me").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dashboard/sign-out",
                "/dashboard/you/tokens",
                "/dashboard/you/sessions/end",
                "/dashboard/you/sessions/00000000-0000-0000-0000-000000000001/end",
                "/dashboard/you/tokens/00000000-0000-0000-0000-000000000001/revoke"
            })
    void F92_no_form_changes_anything_without_the_sessions_own_token(String path) throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        TestBrowser other = TestBrowser.of(books, ANN);
        for (String csrf : List.of("", "x", other.csrfToken())) {
            assertThat(browser.submit(path, Map.of("csrf", csrf)).statusCode()).isEqualTo(403);
        }
        assertThat(browser.get("/api/me").statusCode()).isEqualTo(200);
    }

    @Test
    void F92_three_tabs_and_fifty_forms_of_one_session_pass() throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        String nobody = "/dashboard/you/tokens/00000000-0000-0000-0000-000000000001/revoke";
        assertThat(atOnce(50, () -> browser.submit(nobody, Map.of()).statusCode()))
                .containsOnly(303);
    }

    // ---- tokens of scripts

    private static String makeToken(TestBrowser browser, String account, String access) throws Exception {
        HttpResponse<String> answer = browser.call(
                "POST",
                "/api/tokens",
                "{\"name\": \"ci\", \"account\": \"%s\", \"access\": \"%s\", \"days\": 1}".formatted(account, access));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return JSON.readTree(answer.body()).get("token").asText();
    }

    private static HttpResponse<String> byToken(String token, String method, String path) throws Exception {
        return new TestBrowser(books.companion.uri())
                .send(method, path, Map.of("Authorization", "Bearer " + token, "Content-Type", "application/json"), "");
    }

    @Test
    void a_token_opens_its_account_and_no_other_of_the_person() throws Exception {
        TestBrowser browser = TestBrowser.of(books, BEN);
        String token = makeToken(browser, GLOBEX, "Read");
        JsonNode you = JSON.readTree(byToken(token, "GET", "/api/me").body());
        assertThat(you.get("credential").asText()).isEqualTo("API_TOKEN");
        assertThat(you.get("roles").toString()).isEqualTo("{\"%s\":\"Viewer\"}".formatted(GLOBEX));
        assertThat(byToken(token, "GET", "/api/statements?account=" + GLOBEX).statusCode())
                .isEqualTo(200);
        assertThat(byToken(token, "GET", "/api/statements?account=" + ACME).statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /api/tokens",
        "POST,   /api/tokens",
        "DELETE, /api/tokens/00000000-0000-0000-0000-000000000001",
        "GET,    /api/sessions",
        "DELETE, /api/sessions",
        "DELETE, /api/sessions/00000000-0000-0000-0000-000000000001"
    })
    void F78_no_token_makes_or_sees_a_token_or_a_session(String method, String path) throws Exception {
        String token = makeToken(TestBrowser.of(books, ANN), ACME, "Write");
        assertThat(byToken(token, method, path).statusCode()).isEqualTo(403);
        HttpResponse<String> page = byToken(token, "GET", "/dashboard/");
        assertThat(page.statusCode()).as("a token is no session").isEqualTo(303);
    }

    @Test
    void F77_nobody_makes_a_token_that_may_more_than_they() throws Exception {
        TestBrowser ben = TestBrowser.of(books, BEN);
        String body = "{\"name\": \"ci\", \"account\": \"%s\", \"access\": \"%s\", \"days\": %s}";
        assertThat(ben.call("POST", "/api/tokens", body.formatted(ACME, "Write", 1))
                        .statusCode())
                .isEqualTo(403);
        TestBrowser ann = TestBrowser.of(books, ANN);
        assertThat(ann.call("POST", "/api/tokens", body.formatted(GLOBEX, "Read", 1))
                        .statusCode())
                .isEqualTo(404);
        assertThat(ann.call("POST", "/api/tokens", body.formatted(ACME, "Admin", 1))
                        .statusCode())
                .isEqualTo(400);
        for (String days : List.of("0", "367", "-1", "null")) {
            assertThat(ann.call("POST", "/api/tokens", body.formatted(ACME, "Read", days))
                            .statusCode())
                    .as(days)
                    .isEqualTo(400);
        }
        String read = makeToken(ann, ACME, "Read");
        assertThat(JSON.readTree(byToken(read, "GET", "/api/me").body())
                        .at("/roles/" + ACME)
                        .asText())
                .as("an Owner's token that reads is a Viewer's")
                .isEqualTo("Viewer");
    }

    @Test
    void a_token_is_shown_once_and_dead_when_it_is_revoked() throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        String token = makeToken(browser, ACME, "Read");
        assertThat(token).startsWith("anchorhold_");
        String list = browser.get("/api/tokens").body();
        assertThat(list).doesNotContain(token.substring("anchorhold_".length()));
        assertThat(browser.get("/dashboard/you").body()).doesNotContain(token);
        assertThat(byToken(token, "GET", "/api/me").statusCode()).isEqualTo(200);

        for (JsonNode it : JSON.readTree(list).get("items")) {
            assertThat(browser.call("DELETE", "/api/tokens/" + it.get("id").asText(), "")
                            .statusCode())
                    .isEqualTo(204);
        }
        assertThat(byToken(token, "GET", "/api/me").statusCode()).isEqualTo(401);
    }

    @Test
    void F76_a_removed_member_has_nothing_by_cookie_or_token_and_signing_in_again_changes_no_role() throws Exception {
        String account = "books-leaving";
        books.account(account, "Leaving", new Member("leaver", Role.Owner));
        TestBrowser browser = TestBrowser.of(books, "leaver");
        Awaitility.await()
                .atMost(WaitLimit.WAIT_LIMIT)
                .untilAsserted(
                        () -> assertThat(browser.get("/api/accounts").body()).contains(account, "Owner"));
        String token = makeToken(browser, account, "Write");

        books.account(account, "Leaving");
        Awaitility.await()
                .atMost(WaitLimit.WAIT_LIMIT)
                .untilAsserted(() -> assertThat(browser.get("/api/statements?account=" + account)
                                .statusCode())
                        .isEqualTo(404));
        assertThat(byToken(token, "GET", "/api/statements?account=" + account).statusCode())
                .isEqualTo(404);
        assertThat(browser.get("/dashboard/accounts/" + account).statusCode()).isEqualTo(404);
        assertThat(TestBrowser.of(books, "leaver").get("/api/accounts").body()).doesNotContain(account);
    }

    @Test
    void F79_many_calls_with_one_token_are_noted_once() throws Exception {
        String token = makeToken(TestBrowser.of(books, ANN), ACME, "Read");
        database().transaction(it -> it.update("UPDATE identity.api_token SET last_used = NULL"));
        long before = version(token);
        assertThat(atOnce(256, () -> byToken(token, "GET", "/api/me").statusCode()))
                .containsOnly(200);
        long once = version(token);
        assertThat(once).isNotEqualTo(before);
        assertThat(atOnce(64, () -> byToken(token, "GET", "/api/me").statusCode()))
                .containsOnly(200);
        assertThat(version(token)).isEqualTo(once);
    }

    /** Which transaction wrote the token's row last. */
    private static long version(String token) {
        return database()
                .transaction(it -> it.first(
                        row -> row.number("version"),
                        "SELECT xmin::text::bigint AS version FROM identity.api_token WHERE token_hash = ?",
                        OpaqueTokens.hash(token)))
                .orElseThrow();
    }

    @Test
    void what_the_database_does_not_do_is_503_and_nobodys_mistake() throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        String token = makeToken(browser, ACME, "Read");
        String link = TestBrowser.link(books, ANN);
        var owner = new Database(books.database::asOwner);
        owner.transaction(it -> it.update("ALTER SCHEMA identity RENAME TO away"));
        try {
            for (HttpResponse<String> answer : List.of(
                    byToken(token, "GET", "/api/me"),
                    browser.get("/api/me"),
                    browser.get("/dashboard/"),
                    browser.submit("/dashboard/sign-out", Map.of()),
                    new TestBrowser(books.companion.uri()).signIn(link))) {
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            }
        } finally {
            owner.transaction(it -> it.update("ALTER SCHEMA away RENAME TO identity"));
        }
        assertThat(byToken(token, "GET", "/api/me").statusCode()).isEqualTo(200);
        assertThat(new TestBrowser(books.companion.uri()).signIn(link).statusCode())
                .as("the link is not spent")
                .isEqualTo(303);
    }

    @Test
    void a_stranger_s_token_is_nobodys() throws Exception {
        for (String token : List.of("anchorhold_" + OpaqueTokens.generate(), "anchorhold_", "anchorhold_é")) {
            assertThat(byToken(token.replace("é", "e"), "GET", "/api/me").statusCode())
                    .isEqualTo(401);
        }
    }

    // ---- pages

    @Test
    void every_page_has_the_headers_that_keep_others_out() throws Exception {
        TestBrowser browser = TestBrowser.of(books, ANN);
        for (String path : List.of(
                "/dashboard/",
                "/dashboard/you",
                "/dashboard/accounts/" + ACME,
                "/dashboard/resources/" + BooksTestEnvironment.CODER.uid(),
                "/dashboard/sign-in")) {
            var headers = browser.get(path).headers();
            assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
                    .doesNotContain("unsafe");
            assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(headers.firstValue("Cache-Control")).contains("no-store");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=%2B999999999-12-31",
                "to=%2B999999999-12-31",
                "from=x",
                "from=2026-02-30",
                "from=2026-11-02&to=2026-11-01"
            })
    void a_day_that_is_none_is_refused_by_its_name(String query) throws Exception {
        HttpResponse<String> answer =
                TestBrowser.of(books, ANN).get("/dashboard/accounts/" + ACME + "/events?" + query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).containsAnyOf("\"field\":\"from\"", "\"field\":\"to\"");
    }

    @Test
    void another_accounts_pages_are_not_there() throws Exception {
        TestBrowser browser = TestBrowser.of(books, "eve");
        for (String path : List.of(
                "/dashboard/accounts/" + ACME,
                "/dashboard/accounts/none",
                "/dashboard/resources/" + BooksTestEnvironment.CODER.uid(),
                "/dashboard/resources/00000000-0000-0000-0000-000000000001")) {
            assertThat(browser.get(path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(browser.get("/dashboard/").body()).contains("You are a member of no account");
    }
}
