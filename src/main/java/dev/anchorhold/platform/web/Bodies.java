package dev.anchorhold.platform.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.anchorhold.platform.InvalidField;
import dev.anchorhold.platform.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Collectors;

/** Reads a call's body: never more than it may have, and never quoting it in what is said of it. */
public final class Bodies {
    private static final int LONGEST_PATH = 200;

    private Bodies() {}

    /** @throws Problem 400 naming the field, or 413 */
    public static <T> T read(InputStream body, int most, ObjectMapper form, Class<T> type) {
        byte[] bytes = bytes(body, most);
        try {
            T read = form.readValue(bytes, type);
            if (read == null) {
                throw new Problem(400, "the body must be a JSON object", null);
            }
            return read;
        } catch (JsonMappingException e) {
            throw problem(e);
        } catch (IOException e) {
            throw new Problem(400, "the body is not JSON" + where(e), null);
        }
    }

    private static byte[] bytes(InputStream body, int most) {
        try {
            byte[] bytes = body.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new Problem(413, "the body may have %d bytes".formatted(most), null);
            }
            return bytes;
        } catch (IOException _) {
            throw new Problem(400, "the body broke off", null);
        }
    }

    private static Problem problem(JsonMappingException e) {
        String path = Printable.line(path(e), LONGEST_PATH);
        if (e.getCause() instanceof InvalidField broken) {
            String field = path.isEmpty() ? broken.field() : path + "." + broken.field();
            return new Problem(400, (path.isEmpty() ? "" : path + ".") + broken.getMessage(), field);
        }
        String rule = e instanceof UnrecognizedPropertyException ? " is not known" : " has a value of the wrong form";
        return new Problem(400, (path.isEmpty() ? "the body" : path) + rule, path.isEmpty() ? null : path);
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
