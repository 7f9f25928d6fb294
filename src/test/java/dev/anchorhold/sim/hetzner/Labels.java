package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Parses and validates labels (providers.md A.9). */
final class Labels {
    private static final String NAME = "[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?";
    private static final Pattern VALUE = Pattern.compile("(" + NAME + ")?");
    private static final Pattern KEY = Pattern.compile(NAME);
    private static final Pattern PREFIX =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private Labels() {}

    static Map<String, String> parse(JsonNode given) {
        var labels = new LinkedHashMap<String, String>();
        if (given == null || given.isNull() || given.isMissingNode()) return labels;
        if (!given.isObject()) throw HetznerApiError.invalid("labels", "must be an object");
        for (var label : given.properties()) {
            if (!label.getValue().isTextual()) throw HetznerApiError.invalid("labels", "values must be strings");
            String key = label.getKey();
            String value = label.getValue().asText();
            if (!validKey(key))
                throw HetznerApiError.invalid("labels", "label key '%s' is not correctly formatted".formatted(key));
            if (!VALUE.matcher(value).matches()) {
                throw HetznerApiError.invalid(
                        "labels", "label value '%s' (key: %s) is not correctly formatted".formatted(value, key));
            }
            labels.put(key, value);
        }
        return labels;
    }

    static boolean validKey(String key) {
        int slash = key.indexOf('/');
        if (slash < 0) return KEY.matcher(key).matches();
        String prefix = key.substring(0, slash);
        return prefix.length() <= 253
                && PREFIX.matcher(prefix).matches()
                && !prefix.equals("hetzner.cloud")
                && KEY.matcher(key.substring(slash + 1)).matches();
    }

    static boolean validValue(String value) {
        return VALUE.matcher(value).matches();
    }

    static ObjectNode json(Map<String, String> labels) {
        var json = JsonNodeFactory.instance.objectNode();
        labels.forEach(json::put);
        return json;
    }
}
