package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.SshKey;
import dev.anchorhold.resource.ApiNames;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Registers and checks the SSH key that every server of an installation is created with, so that Hetzner mails no root
 * password to the project's owner. Nobody holds its private half: it is dropped as it is made. The first boot takes the
 * key off again.
 *
 * <p>It also marks the project: a token of another project, in which everything would look deleted, is recognised by
 * it.
 */
public final class SealedKey {
    private static final int RAW_ED25519 = 32;

    private final HetznerClient client;
    private final String installation;
    private volatile Long id;
    private volatile boolean invalidated;
    private volatile String whyDifferent;

    /** Result of checking the project that the token opens. */
    public sealed interface Project {

        /** The one in which the provider's servers stand; {@code keyId} is to be remembered. */
        record Expected(long keyId) implements Project {}

        /** Not that one. Everything would look deleted there, and deletions would leave servers behind. */
        record Different(String message) implements Project {}
    }

    public SealedKey(HetznerClient client, String installation) {
        this.client = client;
        this.installation = installation;
    }

    /** Its id in the project, once {@link #confirm}ed. */
    public long id() {
        return Optional.ofNullable(id).orElseThrow(() -> new IllegalStateException("the project is not confirmed"));
    }

    /** The same; empty before. */
    public Optional<Long> confirmedId() {
        return Optional.ofNullable(id);
    }

    /** Whether the project is known to be the right one; until then nothing is read from it or done in it. */
    public boolean isConfirmed() {
        return id != null;
    }

    /** Whether the project is confirmed and needs no new check. */
    public boolean isVerified() {
        return id != null && !invalidated;
    }

    /** Why the project is not the right one. */
    public Optional<String> whyDifferent() {
        return Optional.ofNullable(whyDifferent);
    }

    /**
     * Checks whether the project is the one in which the key was registered; registers it where it never was. One or
     * two calls; one for each remembered id where it is not.
     *
     * @param remembered the key's id as the provider's status has it, or what stands there; empty before there ever was one
     * @param inUse something says that it stands there: then the key is there already, or it is another project
     * @throws CloudException.NameTaken when a key of its name is not ours
     */
    public Project checkProject(Set<Long> remembered, boolean inUse) {
        String name = name();
        Optional<SshKey> found = client.findSshKeyByName(Urgency.DELETION_OR_PERSON, Purpose.KEYS, name);
        boolean another = remembered.isEmpty()
                ? inUse && found.isEmpty()
                : found.filter(k -> remembered.contains(k.id())).isEmpty();
        if (another) {
            id = null;
            whyDifferent = formerInstallation(remembered)
                    .map(former ->
                            "the servers of this ProviderConfig belong to the installation '%s', and the operator's is '%s'; set the chart's value installation back to '%s'"
                                    .formatted(former, installation, former))
                    .orElseGet(() -> withoutKey(remembered));
            return new Project.Different(whyDifferent);
        }
        SshKey key = found.orElseGet(() -> register(name));
        if (!Ownership.isOurs(key.labels(), installation)) {
            throw new CloudException.NameTaken(
                    new CloudException.Detail(
                            "uniqueness_error",
                            "an SSH key named '" + name + "' is in the project and is not ours; rename or remove it",
                            ""),
                    List.of("name"));
        }
        return new Project.Expected(key.id());
    }

    /** Whose key has a remembered id in this very project: then it is the installation's id that was changed, not the token. */
    private Optional<String> formerInstallation(Set<Long> remembered) {
        return remembered.stream()
                .map(it -> client.getSshKey(Urgency.DELETION_OR_PERSON, Purpose.KEYS, it))
                .flatMap(Optional::stream)
                .map(key -> key.labels().get(Ownership.INSTALLATION))
                .filter(owner -> owner != null && !owner.equals(installation))
                .findFirst();
    }

    private String withoutKey(Set<Long> remembered) {
        String expected = remembered.isEmpty()
                ? CloudMarks.UNKNOWN
                : remembered.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "));
        return ("the token opens a project without our SSH key %s ('%s'), so not the one in which this"
                        + " ProviderConfig's servers stand; put that project's token back. If somebody removed the key"
                        + " there, say so by the annotation %s: \"%s\"")
                .formatted(expected, name(), ApiNames.FORGET_SEALED_KEY, expected);
    }

    /** The id is on record: from now on the session may be used. */
    public void confirm(long keyId) {
        whyDifferent = null;
        invalidated = false;
        id = keyId;
    }

    /** A create call was refused, perhaps for want of the key: the project is checked again soon. */
    public void invalidate() {
        invalidated = true;
    }

    /**
     * Whether the token may write in the project: by a write to the key that changes nothing. One call.
     *
     * @throws CloudException when that cannot be told
     */
    public boolean provesWriteAccess() {
        try {
            client.touchSshKey(Urgency.DELETION_OR_PERSON, Purpose.KEYS, id(), name());
            return true;
        } catch (CloudException.Unauthorized refused) {
            return false;
        } catch (CloudException.NotFound gone) {
            invalidate();
            return true; // it was not the token that was in the way
        }
    }

    private String name() {
        return "anchorhold-sealed-" + installation;
    }

    private SshKey register(String name) {
        try {
            return client.createSshKey(
                    Urgency.PROVISIONING,
                    Purpose.KEYS,
                    name,
                    newPublicKey(),
                    Ownership.labels(installation, "SealedKey", "none"));
        } catch (CloudException.NameTaken
                | CloudException.UnknownOutcome e) { // another process, or our own lost answer
            return client.findSshKeyByName(Urgency.PROVISIONING, Purpose.KEYS, name)
                    .orElseThrow(() -> e);
        }
    }

    /** A fresh public key in OpenSSH's form (RFC 8709); the private half is not kept. */
    static String newPublicKey() {
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
