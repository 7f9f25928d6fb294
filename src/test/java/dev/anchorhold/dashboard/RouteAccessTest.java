package dev.anchorhold.dashboard;

import static dev.anchorhold.api.BooksTestEnvironment.ACME;
import static dev.anchorhold.api.BooksTestEnvironment.ANN;
import static dev.anchorhold.api.BooksTestEnvironment.BEN;
import static dev.anchorhold.api.BooksTestEnvironment.GLOBEX;
import static dev.anchorhold.api.BooksTestEnvironment.LASTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.api.BooksTestEnvironment;
import dev.anchorhold.identity.CsrfToken;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every call of the API by everybody: what the OpenAPI document names is tried by each sort of caller on what is acme's alone, and nothing is open that no row here opens. */
class RouteAccessTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NOTHING = "00000000-0000-0000-0000-000000000001";

    private static BooksTestEnvironment books;
    private static List<Route> routes;
    private static String ofLasting;

    /**
     * A call of the API.
     *
     * @param path with what acme has in the place of its parameters
     * @param ofAcme whether it names something of acme's
     */
    private record Route(String method, String path, boolean ofAcme) {
        private static final Set<String> PERSONAL = Set.of("/api/tokens", "/api/sessions");

        /** Of one person alone, with a browser. */
        boolean personal() {
            return PERSONAL.stream().anyMatch(path::startsWith);
        }

        boolean correction() {
            return path.equals("/api/corrections");
        }
    }

    @BeforeAll
    static void start() throws Exception {
        books = BooksTestEnvironment.shared();
        var anybody = new TestBrowser(books.companion.uri());
        JsonNode events = JSON.readTree(TestBrowser.of(books, ANN)
                .get("/api/audit-events?resource=" + LASTING.uid())
                .body());
        ofLasting = events.at("/items/0/index").asText();
        routes = new ArrayList<>();
        JsonNode document =
                JSON.readTree(anybody.get("/api/openapi?format=JSON").body());
        for (var path : document.get("paths").properties()) {
            for (var call : path.getValue().properties()) {
                if (path.getKey().startsWith("/api/")) {
                    routes.add(route(call.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey(), call.getValue()));
                }
            }
        }
        assertThat(routes).hasSizeGreaterThan(14);
    }

    private static Route route(String method, String path, JsonNode call) {
        Map<String, String> acmes = Map.of("account", ACME, "month", "2024-10", "index", ofLasting, "id", NOTHING);
        String target = Pattern.compile("\\{([a-z]+)[^}]*}").matcher(path).replaceAll(it -> acmes.get(it.group(1)));
        List<String> names = new ArrayList<>();
        call.path("parameters").forEach(it -> names.add(it.get("name").asText()));
        String query = names.contains("account") && !path.contains("{account}")
                ? "?account=" + ACME
                : target.endsWith("consistency") ? "?from=0" : "";
        boolean ofAcme = names.contains("account") || names.contains("index");
        return new Route(method, target + query, ofAcme);
    }

    private static Map<Route, Integer> tried(TestBrowser caller, Map<String, String> headers) throws Exception {
        Map<Route, Integer> statuses = new HashMap<>();
        for (Route it : routes) {
            if (it.method.equals("DELETE") && it.path.equals("/api/sessions")) {
                continue; // it would end the caller itself; SignInTest has it
            }
            Map<String, String> all = new HashMap<>(headers);
            all.put("Content-Type", "application/json");
            HttpResponse<String> answer = caller.send(it.method, it.path, all, it.method.equals("POST") ? "{}" : "");
            assertThat(answer.statusCode()).as(it + answer.body()).isLessThan(500);
            statuses.put(it, answer.statusCode());
        }
        return statuses;
    }

    private static Map<Route, Integer> bySession(String person) throws Exception {
        TestBrowser browser = TestBrowser.of(books, person);
        return tried(browser, Map.of(CsrfToken.HEADER, browser.csrfToken()));
    }

    private static Map<Route, Integer> byToken(String person, String account) throws Exception {
        HttpResponse<String> made = TestBrowser.of(books, person)
                .call(
                        "POST",
                        "/api/tokens",
                        "{\"name\": \"matrix\", \"account\": \"%s\", \"access\": \"Read\", \"days\": 1}"
                                .formatted(account));
        String token = JSON.readTree(made.body()).get("token").asText();
        return tried(new TestBrowser(books.companion.uri()), Map.of("Authorization", "Bearer " + token));
    }

    private static void assertEach(Map<Route, Integer> statuses, java.util.function.Function<Route, Integer> expected) {
        statuses.forEach(
                (route, status) -> assertThat(status).as(route.toString()).isEqualTo(expected.apply(route)));
    }

    @Test
    void F78_nobody_calls_anything() throws Exception {
        assertEach(tried(new TestBrowser(books.companion.uri()), Map.of()), _ -> 401);
    }

    @Test
    void F78_a_person_of_no_account_reads_nothing_of_another() throws Exception {
        assertEach(bySession("eve"), RouteAccessTest::ofAStranger);
    }

    @Test
    void F78_neither_does_a_member_of_another_account() throws Exception {
        books.account(
                "books-matrix",
                "Matrix",
                new dev.anchorhold.resource.AccountSpec.Member("zoe", dev.anchorhold.resource.AccountSpec.Role.Owner));
        assertEach(bySession("zoe"), RouteAccessTest::ofAStranger);
    }

    /** What is acme's is not there; of what is one's own there is nothing; nobody without leave corrects the books. */
    private static int ofAStranger(Route it) {
        return it.correction() ? 403 : it.ofAcme ? 404 : it.personal() ? ofPersonal(it) : 200;
    }

    private static int ofPersonal(Route it) {
        return switch (it.method) {
            case "GET" -> 200;
            case "POST" -> 400; // the body that is sent here lacks everything
            default -> 404;
        };
    }

    @Test
    void F78_a_member_reads_what_is_the_accounts_and_corrects_nothing() throws Exception {
        for (String person : List.of(ANN, BEN)) {
            assertEach(bySession(person), it -> it.correction() ? 403 : it.personal() ? ofPersonal(it) : 200);
        }
    }

    @Test
    void F78_a_token_reads_its_account_and_neither_another_nor_what_is_its_persons() throws Exception {
        assertEach(byToken(BEN, ACME), it -> it.correction() || it.personal() ? 403 : 200);
        assertEach(byToken(BEN, GLOBEX), it -> it.correction() || it.personal() ? 403 : it.ofAcme ? 404 : 200);
    }
}
