package dev.anchorhold.dashboard;

import dev.anchorhold.api.BooksTestEnvironment;
import dev.anchorhold.identity.CsrfToken;
import dev.anchorhold.world.SignInLinks;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A browser without a window: an HTTP client that keeps one cookie and follows nothing by itself. */
final class TestBrowser {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    private final URI companion;
    String cookie;

    TestBrowser(URI companion) {
        this.companion = companion;
    }

    /** One in which that person has just signed in. */
    static TestBrowser of(BooksTestEnvironment books, String person) throws Exception {
        TestBrowser browser = new TestBrowser(books.companion.uri());
        browser.signIn(link(books, person));
        return browser;
    }

    static String link(BooksTestEnvironment books, String person) {
        URI link = SignInLinks.create(books.database, books.companion.uri(), person, null);
        return link.getPath() + "?" + link.getQuery();
    }

    HttpResponse<String> signIn(String link) throws Exception {
        String[] parts = link.split("[?]");
        HttpResponse<String> answer = send("POST", parts[0], Map.of(), parts.length == 1 ? "" : parts[1]);
        answer.headers().firstValue("Set-Cookie").ifPresent(it -> cookie = it.replaceFirst("^[^=]+=([^;]*);.*$", "$1"));
        return answer;
    }

    String csrfToken() {
        return CsrfToken.of(cookie);
    }

    HttpResponse<String> get(String path) throws Exception {
        return send("GET", path, Map.of(), "");
    }

    /** A call of the API by a script of ours in a page. */
    HttpResponse<String> call(String method, String path, String json) throws Exception {
        return send(method, path, Map.of("Content-Type", "application/json", CsrfToken.HEADER, csrfToken()), json);
    }

    /** A form of a page. */
    HttpResponse<String> submit(String path, Map<String, String> fields) throws Exception {
        Map<String, String> all = new HashMap<>(fields);
        all.putIfAbsent("csrf", csrfToken());
        return send("POST", path, Map.of("Content-Type", "application/x-www-form-urlencoded"), form(all));
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(it -> it.getKey() + "=" + URLEncoder.encode(it.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    HttpResponse<String> send(String method, String path, Map<String, String> headers, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(companion + path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        headers.forEach(request::header);
        if (cookie != null) {
            request.header("Cookie", "__Host-anchorhold=" + cookie);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }
}
