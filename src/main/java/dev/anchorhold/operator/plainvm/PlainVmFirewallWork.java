package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.FirewallWork;
import dev.anchorhold.resource.PlainVm;
import java.util.function.Predicate;

/** A PlainVm's firewall at its end: deleted, or let go of. A shared one is not deleted while another VM puts it to use. */
final class PlainVmFirewallWork extends FirewallWork {
    private final Predicate<String> sharedFirewallWanted;

    PlainVmFirewallWork(
            CloudSession session, PlainVm vm, Cloud cloud, Events events, Predicate<String> sharedFirewallWanted) {
        super(session, vm, cloud.identity(), events);
        this.sharedFirewallWanted = sharedFirewallWanted;
    }

    void deleteFirewall(DeleteFirewall s) {
        exclusively(s.shared(), () -> {
            if (!s.shared().isEmpty() && !mayGo(s.shared())) {
                return;
            }
            session.inventory().firewall(s.firewallId()).stream()
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
                && !sharedFirewallWanted.test(shared)
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
}
