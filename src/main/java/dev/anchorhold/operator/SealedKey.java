package dev.anchorhold.operator;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.Purpose;
import dev.anchorhold.cloud.hetzner.SshKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The key that every server of an installation is created with, so that Hetzner mails no root password to the project's
 * owner. Nobody holds its private half: it is dropped as it is made. The first boot takes the key off again.
 */
public final class SealedKey {
    private static final int RAW_ED25519 = 32;

    private final HetznerClient client;
    private final String installation;
    private volatile Long id;

    public SealedKey(HetznerClient client, String installation) {
        this.client = client;
        this.installation = installation;
    }

    /**
     * Its id in the project; registers it when it is not there. One call in the life of a process.
     *
     * @throws CloudException.NameTaken when a key of its name is not ours
     */
    public synchronized long id() {
        if (id == null) {
            String name = "anchorhold-sealed-" + installation;
            SshKey key = client.findSshKeyByName(Urgency.PROVISIONING, Purpose.KEYS, name)
                    .orElseGet(() -> register(name));
            if (!Ownership.isOurs(key.labels(), installation)) {
                throw new CloudException.NameTaken(
                        new CloudException.Detail(
                                "uniqueness_error",
                                "an SSH key named '" + name
                                        + "' is in the project and is not ours; rename or remove it",
                                ""),
                        java.util.List.of("name"));
            }
            id = key.id();
        }
        return id;
    }

    /** Somebody removed it from the project: look again, and register another. */
    public synchronized void doubt() {
        id = null;
    }

    private SshKey register(String name) {
        try {
            return client.createSshKey(
                    Urgency.PROVISIONING,
                    Purpose.KEYS,
                    name,
                    sealed(),
                    Ownership.labels(installation, "SealedKey", "none"));
        } catch (CloudException.NameTaken
                | CloudException.UnknownOutcome e) { // another process, or our own lost answer
            return client.findSshKeyByName(Urgency.PROVISIONING, Purpose.KEYS, name)
                    .orElseThrow(() -> e);
        }
    }

    /** A fresh public key in OpenSSH's form (RFC 8709); the private half is not kept. */
    static String sealed() {
        try {
            byte[] x509 = KeyPairGenerator.getInstance("Ed25519")
                    .generateKeyPair()
                    .getPublic()
                    .getEncoded();
            byte[] raw =
                    Arrays.copyOfRange(x509, x509.length - RAW_ED25519, x509.length); // RFC 8410: the key is the tail
            var blob = new ByteArrayOutputStream();
            try (var out = new DataOutputStream(blob)) {
                byte[] name = "ssh-ed25519".getBytes(StandardCharsets.US_ASCII);
                out.writeInt(name.length);
                out.write(name);
                out.writeInt(raw.length);
                out.write(raw);
            }
            return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob.toByteArray()) + " sealed by anchorhold";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
