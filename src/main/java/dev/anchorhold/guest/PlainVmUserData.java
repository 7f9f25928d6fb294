package dev.anchorhold.guest;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Renders the one-shot cloud-init user data of a PlainVm: host name, keys, optionally an expired password, exit.
 * Nothing of ours stays in the guest.
 */
public final class PlainVmUserData {
    /** Hetzner's limit for user data, in bytes (providers.md A.4). */
    public static final int MAX_BYTES = CloudConfig.MAX_BYTES;

    private PlainVmUserData() {}

    /** Whether the document with these keys, and a password, is within Hetzner's limit. */
    public static boolean fits(String hostname, List<String> keys) {
        return CloudConfig.bytes(render(hostname, keys, Optional.of("x".repeat(OneTimePassword.HASH_LENGTH))))
                <= MAX_BYTES;
    }

    /**
     * @param keys the customer's keys, one OpenSSH line each
     * @param passwordHash crypt(3) form; root's password, expired at once
     */
    public static String render(String hostname, List<String> keys, Optional<String> passwordHash) {
        var config = new CloudConfig()
                .put("hostname", hostname)
                // No user but root, who is the images' own.
                .put("users", List.of(Map.of("name", "root", "lock_passwd", passwordHash.isEmpty())))
                .put("disable_root", false);
        if (!keys.isEmpty()) {
            config.put("ssh_authorized_keys", keys);
        }
        config.put("ssh_pwauth", passwordHash.isPresent());
        passwordHash.ifPresent(hash -> config.put(
                "chpasswd",
                Map.of("expire", true, "users", List.of(Map.of("name", "root", "password", hash, "type", "hash")))));
        return config.put("write_files", List.of(CloudConfig.authorizedKeys(String.join("\n", keys) + "\n")))
                .render();
    }
}
