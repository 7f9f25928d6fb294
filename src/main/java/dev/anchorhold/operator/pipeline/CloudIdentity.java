package dev.anchorhold.operator.pipeline;

import dev.anchorhold.cloud.Ownership;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Computes the names and labels of an object's resources in the cloud. Derived from the installation and the object's
 * kind and UID alone, so that they are known before anything is made, and the same after every crash (F01, F02, F20).
 */
public record CloudIdentity(String installation, String kind, String uid, String name) {
    private static final int READABLE = 40; // of at most 63 characters

    /** Characters of the UID's hash, in which a name ends. */
    public static final int HASH_SIZE = 12;

    /** The server's name in the cloud: readable, and unique by the UID. A valid host name. */
    public String serverName() {
        return readablePart(name) + "-" + hash(uid);
    }

    /** What a server's name ends in. */
    static String hash(String uid) {
        return sha256(uid).substring(0, HASH_SIZE);
    }

    /** Servers, firewalls and volumes have names apart, so that one name serves all. */
    public String firewallName() {
        return serverName();
    }

    public String volumeName() {
        return serverName();
    }

    /**
     * The name that nothing of the object's in the cloud has drifted from that has this one now. What was taken over keeps the name that it was
     * made with: any that ends as ours do, since what was taken over twice bears a UID's hash that is on no record any more.
     *
     * @param adopted whether the object took over what a predecessor left
     */
    public String expectedName(String now, boolean adopted) {
        return adopted && now.matches(".+-[0-9a-f]{" + HASH_SIZE + "}") ? now : serverName();
    }

    public Map<String, String> labels() {
        return Ownership.labels(installation, kind, uid);
    }

    /** What of an object's name is in the names of its servers, firewalls and volumes. */
    public static String readablePart(String object) {
        return truncated(object).replaceAll("-+$", "");
    }

    /** As much of the object's name as there is room for. */
    public static String truncated(String name) {
        return name.length() > READABLE ? name.substring(0, READABLE) : name;
    }

    /** 64 hexadecimal digits. */
    public static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
