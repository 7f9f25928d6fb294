package dev.anchorhold.operator.server;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.CreateResult;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.session.HetznerSession;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;

/**
 * Executes the steps that create a firewall or set its rules, for an object's own or a shared one: a shared one is
 * changed by one object at a time.
 */
public class FirewallExecutor extends StepExecutor {

    public FirewallExecutor(
            HetznerSession session, HasMetadata object, CloudIdentity identity, EventRecorder eventRecorder) {
        super(session, object, identity, eventRecorder);
    }

    public final void createFirewall(String name, Map<String, String> labels, RuleSet rules, boolean shared) {
        withFirewallLocked(shared ? name : "", () -> {
            if (shared && session.inventory().firewallNamed(name) instanceof Sighting.Seen) {
                return; // another object was quicker
            }
            CreateResult<Firewall> made = createOrAdopt(
                    () -> session.client().createFirewall(Urgency.PROVISIONING, Purpose.CREATE, name, labels, rules),
                    () -> session.client()
                            .findFirewallByName(Urgency.PROVISIONING, Purpose.LOOKUP, name)
                            .filter(f -> requireOwned(f.labels(), labels, "firewall", f.id()))
                            .map(f -> new CreateResult<>(f, List.of())));
            session.inventory().recordFirewall(uid(), made.value(), made.actions());
        });
    }

    /**
     * A shared firewall's rules are set by one of its objects; its action is recorded under the firewall's name, for
     * all to see.
     *
     * @param sharedName empty for an object's own
     */
    public final void setRules(long firewallId, RuleSet rules, String sharedName) {
        boolean shared = !sharedName.isEmpty();
        withFirewallLocked(sharedName, () -> {
            String actionKey = shared ? sharedName : uid();
            if (shared
                    && session.inventory().unfinishedActions(actionKey).stream().anyMatch(a -> !a.failed())) {
                return;
            }
            session.inventory()
                    .recordActions(
                            actionKey,
                            session.client().setRules(Urgency.DELETION_OR_PERSON, Purpose.RULES, firewallId, rules));
            emitEvent(
                    "FirewallChanged", "SetRules", "firewall %d has the rules of the spec again".formatted(firewallId));
        });
    }

    protected final void withFirewallLocked(String sharedFirewall, Runnable call) {
        if (sharedFirewall.isEmpty()) {
            call.run();
            return;
        }
        var lock = session.sharedFirewallLocks().apply(sharedFirewall).writeLock();
        lock.lock();
        try {
            call.run();
        } finally {
            lock.unlock();
        }
    }

    /** While it is put to use nobody deletes it. */
    public final void withSharedFirewall(String sharedFirewall, Runnable call) {
        if (sharedFirewall.isEmpty()) {
            call.run();
            return;
        }
        var lock = session.sharedFirewallLocks().apply(sharedFirewall).readLock();
        lock.lock();
        try {
            call.run();
        } finally {
            lock.unlock();
        }
    }
}
