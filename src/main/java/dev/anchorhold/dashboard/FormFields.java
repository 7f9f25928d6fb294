package dev.anchorhold.dashboard;

import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RequestBodies;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The fields of a form that a page has sent, {@code application/x-www-form-urlencoded}. Parsed here and not by the framework, which would keep a folder
 * for what somebody uploads.
 */
final class FormFields {
    private static final int MAX_BODY = 16 << 10;

    private final Map<String, String> fields = new HashMap<>();

    /** @throws HttpProblem 400 for what is no form, 413 */
    static FormFields of(InputStream body) {
        FormFields form = new FormFields();
        for (String pair : RequestBodies.text(body, MAX_BODY).split("&")) {
            String[] parts = pair.split("=", 2);
            try {
                String before = form.fields.put(decode(parts[0]), parts.length == 1 ? "" : decode(parts[1]));
                HttpProblem.require(before == null, "body", "has a field twice");
            } catch (IllegalArgumentException _) {
                throw new HttpProblem(400, "the body is not a form", "body");
            }
        }
        return form;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Null when there is no such field. */
    String get(String name) {
        return fields.get(name);
    }
}
