package dev.anchorhold.platform.web;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.platform.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads and parses a request's body: never more than its limit, and never quoting it in an error. */
public final class RequestBodies {
    private static final int MAX_PATH_LENGTH = 200;
    private static final Pattern DUPLICATE = Pattern.compile("(?s)Duplicate field '(.*)'");

    private RequestBodies() {}

    /** @throws HttpProblem 400 naming the field, or 413 */
    public static <T> T read(InputStream body, int maxBytes, ObjectMapper form, Class<T> type) {
        byte[] bytes = bytes(body, maxBytes);
        try {
            T read = form.readValue(bytes, type);
            if (read == null) {
                throw new HttpProblem(400, "the body must be a JSON object", null);
            }
            return read;
        } catch (JsonProcessingException e) {
            throw problem(e);
        } catch (IOException e) {
            throw new HttpProblem(400, "the body is not JSON", null);
        }
    }

    /** A body that is text (UTF-8). @throws HttpProblem 413 */
    public static String text(InputStream body, int maxBytes) {
        return new String(bytes(body, maxBytes), StandardCharsets.UTF_8);
    }

    private static HttpProblem problem(JsonProcessingException e) {
        var parsing =
                e instanceof JsonParseException || !(e.getCause() instanceof JsonParseException cause) ? e : cause;
        if (parsing instanceof JsonParseException) {
            return duplicate(parsing)
                    .map(field -> new HttpProblem(400, field + " stands there twice", field))
                    .orElseGet(() -> new HttpProblem(400, "the body is not JSON" + where(parsing), null));
        }
        return e instanceof JsonMappingException mapping
                ? problem(mapping)
                : new HttpProblem(400, "the body is not JSON" + where(e), null);
    }

    /** The field that stands twice, of which each reader would take another; Jackson has no type for it. */
    private static Optional<String> duplicate(JsonProcessingException e) {
        var message = DUPLICATE.matcher(e.getOriginalMessage());
        if (!message.matches() || !(e.getProcessor() instanceof JsonParser parser)) {
            return Optional.empty();
        }
        String parent = parser.getParsingContext().getParent().pathAsPointer().toString();
        return Optional.of(
                Printable.line((parent + "/" + message.group(1)).substring(1).replace('/', '.'), MAX_PATH_LENGTH));
    }

    private static byte[] bytes(InputStream body, int maxBytes) {
        try {
            byte[] bytes = body.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new HttpProblem(413, "the body may have %d bytes".formatted(maxBytes), "body");
            }
            return bytes;
        } catch (IOException _) {
            throw new HttpProblem(400, "the body broke off", null);
        }
    }

    private static HttpProblem problem(JsonMappingException e) {
        String path = Printable.line(path(e), MAX_PATH_LENGTH);
        if (e.getCause() instanceof InvalidFieldException broken) {
            String field = path.isEmpty() ? broken.field() : path + "." + broken.field();
            return new HttpProblem(400, (path.isEmpty() ? "" : path + ".") + broken.getMessage(), field);
        }
        String rule = e instanceof UnrecognizedPropertyException ? " is not known" : " has a value of the wrong form";
        return new HttpProblem(400, (path.isEmpty() ? "the body" : path) + rule, path.isEmpty() ? null : path);
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(it -> it.getFieldName() == null ? "[%d]".formatted(it.getIndex()) : "." + it.getFieldName())
                .collect(Collectors.joining())
                .replaceFirst("^[.]", "");
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line %d, column %d"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    }
}
