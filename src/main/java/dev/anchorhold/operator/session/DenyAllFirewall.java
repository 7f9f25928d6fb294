package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.CreateResult;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.HetznerInventory;
import dev.anchorhold.cloud.hetzner.RuleSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ensures the one firewall of all of an installation's Agents in a project: it has no rule, so that nothing comes in
 * (providers.md A.6). Made when the first Agent needs it, once, and never deleted: a server that lost it would stand
 * open.
 */
public final class DenyAllFirewall {
    private final HetznerClient client;
    private final HetznerInventory inventory;
    private final String installation;
    private final ReentrantLock one = new ReentrantLock();

    DenyAllFirewall(HetznerClient client, HetznerInventory inventory, String installation) {
        this.client = client;
        this.inventory = inventory;
        this.installation = installation;
    }

    public static String name(String installation) {
        return "anchorhold-" + installation + "-deny-all";
    }

    /** It is also the subject under which its actions are known. */
    public String name() {
        return name(installation);
    }

    /**
     * What is known of it; a stranger's of its name is {@code Absent}. Whatever changes it enqueues all objects that
     * build in the project.
     */
    public Sighting<Firewall> sighting() {
        return inventory.firewallNamed(name());
    }

    /** Whether it stands and lets nothing in: until then no server may be made. */
    public boolean isInPlace() {
        return sighting() instanceof Sighting.Seen<Firewall>(var firewall, var _) && isRight(firewall);
    }

    private static boolean isRight(Firewall firewall) {
        return firewall.rules().equals(RuleSet.EMPTY);
    }

    /** Its id; for a server's create call. */
    public long id() {
        if (sighting() instanceof Sighting.Seen<Firewall>(var firewall, var _)) return firewall.id();
        throw new IllegalStateException("there is no deny-all firewall yet");
    }

    /**
     * Makes it where it is absent, adopts it where it was made unseen, and takes away whatever rules somebody gave it. At most two calls, by one
     * at a time; whoever comes second finds it done. Safe to repeat.
     *
     * @throws CloudException.NameTaken when a firewall of its name is not ours
     */
    public void ensure() {
        one.lock();
        try {
            switch (sighting()) {
                case Sighting.Unknown<Firewall> _ -> {
                    // it is being read already
                }
                case Sighting.Absent<Firewall> _ -> {
                    var made = makeOrAdopt();
                    inventory.recordFirewall(name(), made.value(), made.actions());
                }
                case Sighting.Seen<Firewall>(var firewall, var _) -> {
                    if (!isRight(firewall) && !beingPutRight()) putRight(firewall);
                }
            }
        } finally {
            one.unlock();
        }
    }

    private boolean beingPutRight() {
        return inventory.unfinishedActions(name()).stream().anyMatch(action -> !action.failed());
    }

    private void putRight(Firewall firewall) {
        inventory.recordActions(
                name(), client.setRules(Urgency.DELETION_OR_PERSON, Purpose.RULES, firewall.id(), RuleSet.EMPTY));
    }

    private CreateResult<Firewall> makeOrAdopt() {
        try {
            return client.createFirewall(Urgency.PROVISIONING, Purpose.CREATE, name(), labels(), RuleSet.EMPTY);
        } catch (CloudException.NameTaken | CloudException.UnknownOutcome e) { // another process, or a lost answer
            var found = client.findFirewallByName(Urgency.PROVISIONING, Purpose.LOOKUP, name())
                    .orElseThrow(() -> e);
            if (Ownership.isOurs(found.labels(), installation)) return new CreateResult<>(found, List.of());
            throw new CloudException.NameTaken(
                    new CloudException.Detail(
                            "uniqueness_error",
                            "a firewall named '" + name() + "' is in the project and is not ours; rename or remove it",
                            ""),
                    List.of("name"));
        }
    }

    /** Without a uid: it is no single object's. */
    private Map<String, String> labels() {
        return Map.of(Ownership.INSTALLATION, installation, Ownership.KIND, "DenyAll");
    }
}
