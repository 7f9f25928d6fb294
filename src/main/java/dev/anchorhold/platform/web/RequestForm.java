package dev.anchorhold.platform.web;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks the form of a request before anything looks at what it says: method, path, query and the headers that are read. What has
 * two readings, one for an ingress and one for us, is refused, and so is what a framework would leave out without a word.
 */
final class RequestForm {
    static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    /** No name of ours needs percent-encoding, so a path that has any is another path's disguise. */
    private static final Pattern CANONICAL_PATH =
            Pattern.compile("/|(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~!$'()*+,=:@-]+)+/?");

    private static final Pattern HOST =
            Pattern.compile("([A-Za-z0-9._~-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

    private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
    private static final String PARAMETERS =
            "([ \\t]*;[ \\t]*" + TOKEN + "=(" + TOKEN + "|\"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*\"))*";
    private static final Pattern MEDIA_TYPE = Pattern.compile(TOKEN + "/" + TOKEN + PARAMETERS);
    private static final String MEDIA_RANGE = "[ \\t]*(\\*|" + TOKEN + "/" + TOKEN + ")" + PARAMETERS + "[ \\t]*";
    private static final Pattern ACCEPT = Pattern.compile(MEDIA_RANGE + "(," + MEDIA_RANGE + ")*");
    private static final Pattern WRONG_QUALITY =
            Pattern.compile("(?i);[ \\t]*q=(?!(0|1|1\\.0{0,3}|0?\\.[0-9]{1,3}|0\\.)[ \\t]*([;,]|$))");

    private static final List<String> SENT_ONCE =
            List.of("Host", "Authorization", "Accept", "Content-Type", "Content-Length", "Transfer-Encoding");
    /** Of what is matched by an expression: Java's take a piece of the stack for each repetition. */
    private static final int MAX_LENGTH = 1_000;

    private RequestForm() {}

    /** Empty when it has the form of a request. */
    static Optional<HttpProblem> problem(HttpServerRequest request) {
        return problem(
                request.method().name(), request.uri(), request.headers(), request.version() == HttpVersion.HTTP_1_0);
    }

    static Optional<HttpProblem> problem(String method, String target, MultiMap headers, boolean hostIsOptional) {
        try {
            if (!METHODS.contains(method)) {
                throw new HttpProblem(405, "there is no such method here", null);
            }
            int end = target.indexOf('?');
            String path = end < 0 ? target : target.substring(0, end);
            HttpProblem.require(path.length() <= MAX_LENGTH, "path", "may have %d characters".formatted(MAX_LENGTH));
            HttpProblem.require(
                    CANONICAL_PATH.matcher(path).matches(),
                    "path",
                    "must be canonical: without '//', '.', '..', ';', '\\' and percent-encoding");
            if (end >= 0) {
                QueryForm.check(target.substring(end + 1));
            }
            headers(headers, hostIsOptional);
            return Optional.empty();
        } catch (HttpProblem problem) {
            return Optional.of(problem);
        }
    }

    private static void headers(MultiMap headers, boolean hostIsOptional) {
        for (String name : SENT_ONCE) {
            List<String> values = headers.getAll(name);
            HttpProblem.require(values.size() <= 1, name, "must be sent once");
            HttpProblem.require(
                    values.isEmpty()
                            || name.equals("Authorization")
                            || values.getFirst().length() <= MAX_LENGTH,
                    name,
                    "may have %d characters".formatted(MAX_LENGTH));
        }
        String host = headers.get("Host");
        HttpProblem.require(host != null || hostIsOptional, "Host", "must be sent");
        HttpProblem.require(
                host == null || HOST.matcher(host).matches(), "Host", "must be a host, and a port if you like");
        HttpProblem.require(
                !headers.contains("Content-Length") || !headers.contains("Transfer-Encoding"),
                "Content-Length",
                "must not be sent together with Transfer-Encoding");
        String coding = headers.get("Transfer-Encoding");
        HttpProblem.require(
                coding == null || coding.equalsIgnoreCase("chunked"),
                "Transfer-Encoding",
                "may be chunked, and nothing else");
        String type = headers.get("Content-Type");
        HttpProblem.require(
                type == null || MEDIA_TYPE.matcher(type.strip()).matches(), "Content-Type", "must be a media type");
        String accept = headers.get("Accept");
        HttpProblem.require(
                accept == null
                        || (ACCEPT.matcher(accept).matches()
                                && !WRONG_QUALITY.matcher(accept).find()),
                "Accept",
                "must be a list of media ranges, like application/json, text/csv;q=0.5");
    }
}
