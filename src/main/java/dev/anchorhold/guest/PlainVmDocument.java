package dev.anchorhold.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one-shot cloud-init document of a plain VM: host name, keys, optionally an expired password, exit. Nothing of ours
 * stays in the guest.
 *
 * <p>It is written as JSON, which is YAML too: a serialiser can be trusted with hostile text, a template cannot (F36).
 */
public final class PlainVmDocument {
    /** Hetzner's limit for user data, in bytes (providers.md A.4). */
    public static final int LARGEST = 32 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private PlainVmDocument() {}

    /** Whether the document with these keys, and a password, is within Hetzner's limit. */
    public static boolean fits(String hostname, List<String> keys) {
        return bytes(render(hostname, keys, Optional.of("x".repeat(OneTimePassword.HASH_LENGTH)))) <= LARGEST;
    }

    private static int bytes(String document) {
        return document.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * @param keys the customer's keys, one OpenSSH line each
     * @param passwordHash crypt(3) form; root's password, expired at once
     */
    public static String render(String hostname, List<String> keys, Optional<String> passwordHash) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("hostname", hostname);
        // No user but root, who is the images' own.
        config.put("users", List.of(Map.of("name", "root", "lock_passwd", passwordHash.isEmpty())));
        config.put("disable_root", false);
        if (!keys.isEmpty()) {
            config.put("ssh_authorized_keys", keys);
        }
        config.put("ssh_pwauth", passwordHash.isPresent());
        passwordHash.ifPresent(hash -> config.put(
                "chpasswd",
                Map.of("expire", true, "users", List.of(Map.of("name", "root", "password", hash, "type", "hash")))));
        // The cloud puts the installation's sealed key beside the customer's; when the boot is over only theirs are
        // left.
        config.put(
                "write_files",
                List.of(Map.of(
                        "path", "/root/.ssh/authorized_keys",
                        "owner", "root:root",
                        "permissions", "0600",
                        "content", String.join("\n", keys) + "\n",
                        "defer", true)));
        try {
            return "#cloud-config\n" + JSON.writeValueAsString(config) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
