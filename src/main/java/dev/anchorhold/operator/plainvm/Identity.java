package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.hetzner.RuleSet;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * The names and labels of what a PlainVm has in the cloud. Derived from the installation and the object's UID alone, so
 * that they are known before anything is made, and the same after every crash (F01, F02, F20).
 */
record Identity(String installation, String uid, String name) {
    static final String KIND = "PlainVm";
    static final String SHARED_KIND = "SharedFirewall";
    /** On shared firewalls: whose they are, as a hash, since an account's name may not be a label's value. */
    static final String ACCOUNT = "anchorhold.dev/account-hash";

    private static final int READABLE = 40; // of at most 63 characters

    /** The server's name in the cloud: readable, and unique by the UID. A valid host name. */
    String serverName() {
        String readable = name.length() > READABLE ? name.substring(0, READABLE) : name;
        return readable.replaceAll("-+$", "") + "-" + hash(uid).substring(0, 12);
    }

    /** Firewalls and servers have names apart, so that one name serves both. */
    String firewallName() {
        return serverName();
    }

    Map<String, String> labels() {
        return Ownership.labels(installation, KIND, uid);
    }

    /** VMs of one account with equal rules share the firewall of this name. */
    String sharedFirewallName(String account, RuleSet rules) {
        return "anchorhold-"
                + hash(installation + "\n" + account + "\n" + rules.contentHash())
                        .substring(0, 24);
    }

    Map<String, String> sharedLabels(String account) {
        return Map.of(Ownership.INSTALLATION, installation, Ownership.KIND, SHARED_KIND, ACCOUNT, accountHash(account));
    }

    static String accountHash(String account) {
        return hash(account).substring(0, 32);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
