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
import java.util.function.BiPredicate;

/** A PlainVm's firewall at its end: deleted, or let go of. A shared one is not deleted while another VM puts it to use. */
final class PlainVmFirewallWork extends FirewallWork {
    private final BiPredicate<String, String> sharedFirewallWanted;

    PlainVmFirewallWork(
            CloudSession session,
            PlainVm vm,
            Cloud cloud,
            Events events,
            BiPredicate<String, String> sharedFirewallWanted) {
        super(session, vm, cloud.identity(), events);
        this.sharedFirewallWanted = sharedFirewallWanted;
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
}
