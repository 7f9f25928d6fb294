package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.operator.server.FirewallExecutor;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.PlainVm;
import java.util.function.Predicate;

/**
 * Executes the steps that delete or disown a PlainVm's firewall. A shared one is not deleted while another VM puts it
 * to use.
 */
final class PlainVmFirewallExecutor extends FirewallExecutor {
    private final Predicate<String> sharedFirewallWanted;

    PlainVmFirewallExecutor(
            HetznerSession session,
            PlainVm vm,
            Cloud cloud,
            EventRecorder eventRecorder,
            Predicate<String> sharedFirewallWanted) {
        super(session, vm, cloud.identity(), eventRecorder);
        this.sharedFirewallWanted = sharedFirewallWanted;
    }

    void deleteFirewall(DeleteFirewall s) {
        withFirewallLocked(s.shared(), () -> {
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
                && session.backoff()
                        .blocking(shared, PlainVmObserver.DELETE_FIREWALL, 0)
                        .isEmpty();
    }

    void disownFirewall(long id) {
        session.client()
                .getFirewall(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(f -> session.client()
                        .relabelFirewall(
                                Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, Ownership.abandoned(f.labels())));
        session.inventory().recordFirewallDeleted(uid(), id);
    }
}
