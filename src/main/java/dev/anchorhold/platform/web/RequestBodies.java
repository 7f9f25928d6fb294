package dev.anchorhold.platform.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.platform.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Collectors;

/** Reads and parses a request's body: never more than its limit, and never quoting it in an error. */
public final class RequestBodies {
    private static final int MAX_PATH_LENGTH = 200;

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
        } catch (JsonMappingException e) {
            throw problem(e);
        } catch (IOException e) {
            throw new HttpProblem(400, "the body is not JSON" + where(e), null);
        }
    }

    private static byte[] bytes(InputStream body, int maxBytes) {
        try {
            byte[] bytes = body.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new HttpProblem(413, "the body may have %d bytes".formatted(maxBytes), null);
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

    private static String where(IOException e) {
        return e instanceof JsonProcessingException json && json.getLocation() != null
                ? " at line %d, column %d"
                        .formatted(
                                json.getLocation().getLineNr(),
                                json.getLocation().getColumnNr())
                : "";
    }
}
