package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests have the form of one, and what is said of the others. */
class RequestFormTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/api/accounts",
                "/api/",
                "/guest/v1/bootstrap",
                "/log/tile/0/x001/234.p/17",
                "/api/statements/acme.eu/2026-11",
                "/api/audit-events?account=acme&from=2026-11-24T10:00:00%2B01:00&limit=7",
                "/api/usage?zone=Asia/Kathmandu",
                "/api/usage?zone=%E2%82%AC",
                "/..a/.b/c..",
            })
    void what_has_the_form_of_a_request_passes(String target) {
        assertThat(problem("GET", target)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "guest/v1/payload",
                "http://door/guest/v1/payload",
                "//q/metrics",
                "/guest//v1",
                "/guest/../q/metrics",
                "/guest/..",
                "/guest/.",
                "/guest/./v1",
                "/guest/%2e%2e/q/metrics",
                "/guest/%2E./q/metrics",
                "/guest/..%2fq/metrics",
                "/guest/%76%31",
                "/guest/v1;x=1/payload",
                "/guest/..;/q/metrics",
                "/guest\\..\\q",
                "/guest/v1#x",
                "/guest/v1\t",
                "/guest/ü",
            })
    void H16_a_path_in_any_but_its_one_form_is_refused(String target) {
        assertThat(problem("GET", target)).contains("path");
        assertThat(problem("GET", target + "?a=b")).contains("path");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "/a?account=          | account",
                "/a?account           | account",
                "/a?limit=1&account=  | account",
                "/a?account=x&account=x | account",
                "/a?account=x&account=y | account",
                "/a?account=x&ACCOUNT=y | ACCOUNT",
                "/a?account=%ff       | account",
                "/a?account=%c3       | account",
                "/a?account=%ed%a0%80 | account",
                "/a?account=%c0%80    | account",
                "/a?account=%         | account",
                "/a?account=%zz       | account",
                "/a?account=a;limit=1 | account",
                "/a?account=<x>       | account",
                "/a?=x                | ",
                "/a?                  | ",
                "/a?&account=x        | ",
                "/a?account=x&        | ",
                "/a?%00               | ",
                "/a?%61ccount=x       | ",
            })
    void H19_a_query_is_refused_whose_parameters_are_not_each_there_once_with_a_value(String target, String field) {
        assertThat(problem("GET", target)).contains(field == null ? "" : field);
        assertThat(problem("GET", "/a?account=" + "x".repeat(1_001))).contains("account");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Accept|application/json",
                "Accept|text/html, image/gif, */*; q=0.2",
                "Accept|text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
                "Accept|text/csv;charset=\"utf-8\";q=1.000,application/json",
                "Content-Type|application/json; charset=utf-8",
                "Host|[::1]:8080",
                "Host|door.example.org",
            })
    void headers_of_real_clients_pass(String name, String value) {
        assertThat(problem("GET", "/a", name, value)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Accept|''",
                "Accept|nonsense",
                "Accept|,",
                "Accept|text/html,",
                "Accept|text/html;q=x",
                "Accept|text/html;q=2",
                "Accept|text/html;q=1.1",
                "Accept|text/html;q=0.1.2",
                "Accept|text/ü",
                "Content-Type|''",
                "Content-Type|json",
                "Content-Type|a/b/c",
                "Content-Type|a/b; charset",
                "Host|''",
                "Transfer-Encoding|xchunked",
                "Transfer-Encoding|gzip, chunked",
                "Host|a b",
                "Host|a/b",
                "Host|a@b",
                "Host|a:b",
            })
    void H19_a_header_that_is_read_is_refused_by_its_name_when_it_cannot_be(String name, String value) {
        assertThat(problem("GET", "/a", name, value)).contains(name);
    }

    @Test
    void H19_what_is_too_long_to_be_meant_is_refused_before_it_costs_anything() {
        assertThat(problem("GET", "/a".repeat(5_000))).contains("path");
        assertThat(problem("GET", "/a".repeat(500))).isEmpty();
        assertThat(problem("GET", "/a", "Accept", "a/b,".repeat(5_000) + "a/b")).contains("Accept");
        assertThat(problem("GET", "/a", "Accept", "a/b,".repeat(240) + "a/b")).isEmpty();
        assertThat(problem("GET", "/a", "Content-Type", "a/b" + ";c=d".repeat(5_000)))
                .contains("Content-Type");
        assertThat(problem("GET", "/a", "Host", "a".repeat(5_000))).contains("Host");
        assertThat(problem("GET", "/a?" + "b=c&".repeat(5_000))).contains("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "Authorization", "Accept", "Content-Type", "Content-Length", "Transfer-Encoding"})
    void H19_a_header_that_is_sent_twice_is_refused(String name) {
        MultiMap headers = headers().add(name, "1").add(name, "1");
        assertThat(problem("GET", "/a", headers)).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "TRACE", "CONNECT", "INVENTED", "M-SEARCH"})
    void H15_a_method_that_nothing_has_is_refused_before_anything_counts_it(String method) {
        assertThat(problem(method, "/a")).contains("");
    }

    private static Optional<String> problem(String method, String target, String... header) {
        MultiMap headers = headers();
        if (header.length > 0) {
            headers.set(header[0], header[1]);
        }
        return problem(method, target, headers);
    }

    private static MultiMap headers() {
        return MultiMap.caseInsensitiveMultiMap().set("Host", "door");
    }

    /** The field that is named, empty for none. */
    private static Optional<String> problem(String method, String target, MultiMap headers) {
        return RequestForm.problem(method, target, headers, false).map(it -> it.field() == null ? "" : it.field());
    }
}
