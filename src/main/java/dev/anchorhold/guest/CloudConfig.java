package dev.anchorhold.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Builder of a cloud-init document. It is written as JSON, which is YAML too: a serialiser can be trusted with hostile
 * text, a template cannot (F36).
 */
final class CloudConfig {
    /** Hetzner's limit for user data, in bytes (providers.md A.4). */
    static final int MAX_BYTES = 32 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Object> settings = new LinkedHashMap<>();

    CloudConfig put(String name, Object value) {
        settings.put(name, value);
        return this;
    }

    /** An entry of {@code write_files}, root's. */
    static Map<String, Object> file(String path, String permissions, String content) {
        var file = new LinkedHashMap<String, Object>();
        file.put("path", path);
        file.put("owner", "root:root");
        file.put("permissions", permissions);
        file.put("content", content);
        return file;
    }

    /**
     * The same, written when the rest of the boot is over: root's keys are then these and no others. The cloud puts the
     * installation's sealed key there, so that it makes no password.
     */
    static Map<String, Object> authorizedKeys(String content) {
        var file = file("/root/.ssh/authorized_keys", "0600", content);
        file.put("defer", true);
        return file;
    }

    String render() {
        return "#cloud-config\n" + json(settings) + "\n";
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static int bytes(String document) {
        return document.getBytes(StandardCharsets.UTF_8).length;
    }
}
