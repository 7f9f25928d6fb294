package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import java.util.Map;

/** Computes names and labels of the firewalls that VMs of one account with equal rules share. */
final class SharedFirewalls {
    static final String KIND = "SharedFirewall";
    /** Whose they are, as a hash, since an account's name may not be a label's value. */
    static final String ACCOUNT = "anchorhold.dev/account-hash";

    private SharedFirewalls() {}

    static String name(String installation, String account, RuleSet rules) {
        return "anchorhold-"
                + CloudIdentity.sha256(installation + "\n" + account + "\n" + rules.contentHash())
                        .substring(0, 24);
    }

    static Map<String, String> labels(String installation, String account) {
        return Map.of(
                Ownership.INSTALLATION,
                installation,
                Ownership.KIND,
                KIND,
                ACCOUNT,
                CloudIdentity.sha256(account).substring(0, 32));
    }
}
