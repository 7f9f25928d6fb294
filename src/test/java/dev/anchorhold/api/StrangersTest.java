package dev.anchorhold.api;

import static dev.anchorhold.api.BooksTestEnvironment.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.api.RawHttp.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What somebody finds at a packaged companion's ports who sends what no client of ours would. */
class StrangersTest {
    private static final BooksTestEnvironment ENVIRONMENT = BooksTestEnvironment.shared();
    private static final String HOST = "Host: x\r\n";

    private static RawHttp open;
    private static RawHttp door;
    private static RawHttp internal;
    private static RawHttp management;
    private static String acme;

    @BeforeAll
    static void start() throws Exception {
        open = new RawHttp(ENVIRONMENT.companion.uri());
        door = new RawHttp(ENVIRONMENT.companion.doorUri());
        internal = new RawHttp(ENVIRONMENT.companion.internalUri());
        management = new RawHttp(ENVIRONMENT.companion.managementUri());
        acme = "Authorization: Bearer " + ENVIRONMENT.reader("books-acme").token + "\r\n";
    }

    @Test
    void H15_no_label_of_a_metric_comes_from_a_stranger() throws Exception {
        for (int i = 0; i < 100; i++) {
            String invented = "INVENTED" + i;
            open.send(invented, "/api/accounts", HOST);
            open.send("GET", "/" + invented, HOST);
            open.send("GET", "/api/" + invented, HOST);
            open.send("GET", "/api/audit-events/" + invented, HOST + acme);
            open.send("GET", "/api/%2e/" + invented, HOST);
            open.send("GET", "/api/accounts?" + invented + "=1", HOST + acme);
            open.send("POST", "/guest/v1/" + invented, "Host: " + invented + "\r\nUser-Agent: " + invented + "\r\n");
            internal.send("DELETE", "/internal/v1/agents/" + invented, HOST);
        }
        open.send("GET", "/api/accounts", HOST + acme);

        String metrics = management.send("GET", "/q/metrics", HOST).body();

        assertThat(metrics).doesNotContain("INVENTED").contains("uri=\"/api/accounts\"", "method=\"OTHER\"");
        Set<String> methods = labels(metrics, "method");
        assertThat(methods).isSubsetOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER");
        assertThat(labels(metrics, "uri"))
                .allMatch(it -> it.equals("none") || it.matches("/|/(api|dashboard|log|guest/v1|internal/v1)(/.*)?"));
    }

    private static Set<String> labels(String metrics, String name) {
        return Pattern.compile("anchorhold_http_request_duration[^{]*\\{[^}]*\\b" + name + "=\"([^\"]*)\"")
                .matcher(metrics)
                .results()
                .map(it -> it.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void H16_each_port_has_its_own_paths_and_no_others() throws Exception {
        Map<RawHttp, Set<String>> served = Map.of(
                open, Set.of("/guest/v1/payload", "/api/accounts", "/api/openapi", "/log/key"),
                door, Set.of("/guest/v1/payload"),
                internal, Set.of("/internal/v1/guests"),
                management, Set.of("/q/metrics", "/q/health", "/q/health/ready"));
        List<String> paths =
                served.values().stream().flatMap(Set::stream).distinct().toList();
        for (var port : served.entrySet()) {
            for (String path : paths) {
                int status = port.getKey().send("GET", path, HOST).status();
                assertThat(status == 404).as(path).isEqualTo(!port.getValue().contains(path));
            }
        }
    }

    @Test
    void H16_no_disguise_of_a_path_leads_to_another_one() throws Exception {
        for (String path : List.of(
                "/guest/%2e%2e/q/metrics",
                "//q/metrics",
                "/log/../q/metrics",
                "/guest/..%2fapi/accounts",
                "/guest/%2e%2e/internal/v1/guests",
                "/guest/..;/internal/v1/guests",
                "/guest/v1//payload",
                "/guest/v1/%70ayload",
                "http://x/api/accounts")) {
            for (RawHttp port : List.of(open, door, internal)) {
                Answer answer = port.send("GET", path, HOST + acme);
                assertThat(answer.status()).as(path).isEqualTo(400);
                assertThat(answer.isProblem()).isTrue();
                assertThat(answer.body()).contains("\"field\":\"path\"");
            }
        }
    }

    /** All that the OpenAPI document names, each in every way in which a parameter or a header can be wrong. */
    @Test
    void H19_odd_input_is_a_problem_that_names_it_and_never_shows_more() throws Exception {
        JsonNode document = BooksTestEnvironment.json(
                open.send("GET", "/api/openapi?format=JSON", HOST).body());
        int tried = 0;
        for (var path : document.get("paths").properties()) {
            for (var call : path.getValue().properties()) {
                String method = call.getKey().toUpperCase();
                String target = example(path.getKey());
                for (JsonNode parameter : call.getValue().path("parameters")) {
                    String name = parameter.get("name").asText();
                    if (parameter.get("in").asText().equals("query")) {
                        tried += oddQuery(method, required(call.getValue(), target, name), name);
                    } else {
                        tried += oddPath(method, path.getKey(), name);
                    }
                }
                tried += oddHeaders(method, required(call.getValue(), target, ""));
            }
        }
        assertThat(tried).isGreaterThan(400);
    }

    private static final Map<String, String> EXAMPLES = Map.of(
            "account", ACME,
            "month", "2024-10",
            "index", "0",
            "size", "1",
            "path", "0/000.p/1",
            "from", "0",
            "id", "00000000-0000-0000-0000-000000000001");

    private static String example(String path) {
        return Pattern.compile("\\{([a-z]+)[^}]*}").matcher(path).replaceAll(it -> EXAMPLES.get(it.group(1)));
    }

    /** With the other parameters that it must have. */
    private static String required(JsonNode call, String target, String except) {
        List<String> query = new ArrayList<>();
        for (JsonNode parameter : call.path("parameters")) {
            String name = parameter.get("name").asText();
            if (parameter.path("required").asBoolean()
                    && parameter.get("in").asText().equals("query")
                    && !name.equals(except)) {
                query.add(name + "=" + EXAMPLES.get(name));
            }
        }
        return target + "?" + String.join("", query.stream().map(it -> it + "&").toList());
    }

    private static int oddQuery(String method, String target, String name) throws Exception {
        List<String> odd = List.of(
                name,
                name + "=",
                name + "=&x=1",
                name + "=1&" + name + "=1",
                name + "=1&" + name + "=2",
                name + "=%ff",
                name + "=%c0%80",
                name + "=%",
                name + "=" + "9".repeat(2_000),
                name + "=" + "x".repeat(9_000),
                name + "=a;b=c",
                name + "=\u00fc");
        for (String query : odd) {
            problem(open.send(method, target + query, HOST + acme), method + " " + target + query, name);
        }
        for (String value :
                List.of("null", "%00", "-1", "%2B1", "%D9%A3", "1e3", "0x1", "undefined", "*", "%25", "'", "[]")) {
            Answer answer = open.send(method, target + name + "=" + value, HOST + acme);
            if (target.startsWith("/api/accounts") && value.matches("[a-z0-9].*")) {
                continue; // the name of an Account, after which others may come
            }
            assertThat(answer.status()).as(target + name + "=" + value).isBetween(400, 499);
            assertThat(answer.isProblem()).as(answer.toString()).isTrue();
        }
        return odd.size();
    }

    private static int oddPath(String method, String path, String name) throws Exception {
        List<String> odd = List.of("", "%ff", "%00", "x".repeat(9_000), "null", "-1", "%2e", "a;b", "\u00fc");
        for (String value : odd) {
            String target = example(path.replaceAll("\\{" + name + "[^}]*}", value.isEmpty() ? "/" : value));
            Answer answer = open.send(method, target, HOST + acme);
            assertThat(answer.status()).as(target).isBetween(400, 499);
            assertThat(answer.isProblem()).as(target + answer).isTrue();
        }
        return odd.size();
    }

    private static int oddHeaders(String method, String target) throws Exception {
        String path = target.replaceFirst("[?&]$", "");
        String asked = HOST + acme;
        problem(open.send(method, path, acme), "no Host for " + path, "Host");
        problem(open.send(method, path, "Host: \r\n" + acme), "an empty Host for " + path, "Host");
        problem(open.send(method, path, HOST + asked), "two Hosts for " + path, "Host");
        int tried = 3;
        for (String name : List.of("Accept", "Content-Type")) {
            for (String value : List.of("", "null", ",", "\u00ff/\u00ff", "a/b;q=x", "a/".repeat(3_000))) {
                if (!(name.equals("Content-Type") && value.startsWith("a/b;"))) {
                    problem(
                            open.send(method, path, asked + name + ": " + value + "\r\n"),
                            name + " '" + value + "' for " + path,
                            name);
                    tried++;
                }
            }
            String twice = (name + ": application/json\r\n").repeat(2);
            problem(open.send(method, path, asked + twice), "two of " + name + " for " + path, name);
            tried++;
        }
        if (path.startsWith("/api/")) {
            problem(open.send(method, path, asked + acme), "two tokens for " + path, "Authorization");
            for (String value : List.of(
                    "", "Bearer", "Bearer null", "Basic eDp4", "Bearer \u00ff", "Bearer " + "x".repeat(6_000))) {
                Answer answer = open.send(method, path, HOST + "Authorization: " + value + "\r\n");
                assertThat(answer.status()).as(path + value).isEqualTo(401);
                assertThat(answer.isProblem()).isTrue();
                tried++;
            }
        }
        assertThat(open.send(method, path, asked + "X: " + "x".repeat(30_000) + "\r\n")
                        .status())
                .isEqualTo(431);
        return tried;
    }

    private static void problem(Answer answer, String what, String field) throws Exception {
        assertThat(answer.status()).as(what + ": " + answer).isBetween(400, 499);
        assertThat(answer.isProblem()).as(what + ": " + answer).isTrue();
        assertThat(BooksTestEnvironment.json(answer.body()).path("field").asText())
                .as(what + ": " + answer)
                .isEqualTo(field);
    }
}
