package dev.anchorhold.cloud.hetzner;

import java.util.Map;

/** A key in the project; {@code fingerprint} is MD5 in colon form, and unique as the name is (providers.md A.7). */
public record SshKey(long id, String name, String fingerprint, String publicKey, Map<String, String> labels) {
    public SshKey {
        labels = labels == null ? Map.of() : Map.copyOf(labels);
    }
}
