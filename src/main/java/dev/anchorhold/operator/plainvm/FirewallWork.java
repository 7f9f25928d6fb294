package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Created;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.resource.PlainVm;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/**
 * A PlainVm's firewall: its own, or one that it shares. A shared one is made, changed and deleted by one VM at a time, and
 * not deleted while another puts it to use.
 */
final class FirewallWork extends Work {
    private final BiPredicate<String, String> sharedFirewallWanted;

    FirewallWork(
            CloudSession session,
            PlainVm vm,
            Cloud cloud,
            Events events,
            BiPredicate<String, String> sharedFirewallWanted) {
        super(session, vm, cloud, events);
        this.sharedFirewallWanted = sharedFirewallWanted;
    }

    void createFirewall(CreateFirewall s) {
        exclusively(s.shared() ? s.firewall() : "", () -> {
            if (s.shared() && session.inventory().firewallNamed(s.firewall()) instanceof Sighting.Seen) {
                return; // another VM of the account was quicker
            }
            Created<Firewall> made = creating(
                    () -> session.client()
                            .createFirewall(Urgency.PROVISIONING, Purpose.CREATE, s.firewall(), s.labels(), s.rules()),
                    () -> session.client()
                            .findFirewallByName(Urgency.PROVISIONING, Purpose.LOOKUP, s.firewall())
                            .filter(f -> mine(f.labels(), s.labels(), "firewall", f.id()))
                            .map(f -> new Created<>(f, List.of())));
            session.inventory().recordFirewall(uid(), made.value(), made.actions());
        });
    }

    /** A shared firewall's rules are set by one of its VMs; its action is told under the firewall's name, for all to see. */
    void setRules(SetRules s) {
        boolean shared = !s.sharedFirewall().isEmpty();
        exclusively(s.sharedFirewall(), () -> {
            String whose = shared ? s.sharedFirewall() : uid();
            if (shared && session.inventory().pending(whose).stream().anyMatch(a -> !a.failed())) {
                return;
            }
            session.inventory()
                    .recordActions(
                            whose,
                            session.client()
                                    .setRules(Urgency.DELETION_OR_PERSON, Purpose.RULES, s.firewallId(), s.rules()));
            tell(
                    "FirewallChanged",
                    "SetRules",
                    "firewall %d has the rules of the spec again".formatted(s.firewallId()));
        });
    }

    void deleteFirewall(DeleteFirewall s) {
        exclusively(s.shared(), () -> {
            if (!s.shared().isEmpty() && !mayGo(s.shared())) {
                return;
            }
            session.inventory().firewalls().stream()
                    .filter(f -> f.id() == s.firewallId())
                    .flatMap(f -> f.selectors().stream())
                    .forEach(selector -> session.client()
                            .removeFromSelector(Urgency.DELETION_OR_PERSON, Purpose.DELETE, s.firewallId(), selector));
            session.client().deleteFirewall(Urgency.DELETION_OR_PERSON, Purpose.DELETE, s.firewallId());
            session.inventory().recordFirewallDeleted(uid(), s.firewallId());
        });
    }

    /** Still there, still unwanted, and nobody else has just failed to delete it. */
    private boolean mayGo(String shared) {
        return session.inventory().firewallNamed(shared) instanceof Sighting.Seen
                && !sharedFirewallWanted.test(session.installation(), shared)
                && session.setbacks()
                        .of(shared, PlainVmObserver.DELETE_FIREWALL, 0)
                        .isEmpty();
    }

    void disownFirewall(long id) {
        session.client()
                .getFirewall(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(f -> session.client()
                        .relabelFirewall(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, withoutOurs(f.labels())));
        session.inventory().recordFirewallDeleted(uid(), id);
    }

    private void exclusively(String sharedFirewall, Runnable call) {
        if (sharedFirewall.isEmpty()) {
            call.run();
            return;
        }
        var lock = session.sharedFirewalls().apply(sharedFirewall).writeLock();
        lock.lock();
        try {
            call.run();
        } finally {
            lock.unlock();
        }
    }

    <T> void using(String sharedFirewall, Supplier<T> call) {
        if (sharedFirewall.isEmpty()) {
            call.get();
            return;
        }
        var lock = session.sharedFirewalls().apply(sharedFirewall).readLock();
        lock.lock();
        try {
            call.get();
        } finally {
            lock.unlock();
        }
    }
}
