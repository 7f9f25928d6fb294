package dev.anchorhold.operator.providerconfig;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for servers and firewalls that bear our installation's label and the UID of an object that is no more (F22). Mark,
 * wait, read again, report; deleting is off unless the ProviderConfig asks for it, and then a few at a time (F23).
 */
final class OrphanSweep {
    static final Duration WAIT = Duration.ofMinutes(10);
    static final int AT_A_TIME = 3;

    private final Fleet fleet;
    private final Events events;
    private final InstantSource clock;
    private final Map<String, Map<Suspect, Instant>> marked = new HashMap<>();

    OrphanSweep(Fleet fleet, Events events, InstantSource clock) {
        this.fleet = fleet;
        this.events = events;
        this.clock = clock;
    }

    private record Suspect(String what, long id, String name, String uid) {
        @Override
        public String toString() {
            return "%s %d '%s'".formatted(what, id, name);
        }
    }

    /** The orphans that are certain by now, in words; deletes some of them where that is wanted. */
    synchronized List<String> sweep(ProviderConfig provider, CloudSession session) {
        var mine = marked.computeIfAbsent(session.provider(), _ -> new HashMap<>());
        List<Suspect> suspects = suspects(session);
        mine.keySet().retainAll(suspects);
        suspects.forEach(s -> mine.putIfAbsent(s, clock.instant()));
        var certain = suspects.stream()
                .filter(s -> mine.get(s).plus(WAIT).isBefore(clock.instant()))
                .sorted(Comparator.comparing(Suspect::what).reversed()) // servers before the firewalls on them
                .toList();
        if (provider.getSpec().orphans() == Orphans.Delete) {
            certain.stream().limit(AT_A_TIME).forEach(s -> delete(provider, session, s));
        }
        return certain.stream().map(Suspect::toString).toList();
    }

    private List<Suspect> suspects(CloudSession session) {
        List<Suspect> all = new ArrayList<>();
        session.inventory().servers().stream()
                .filter(s -> isOrphan(s.labels()))
                .forEach(s -> all.add(new Suspect("server", s.id(), s.name(), s.uid())));
        session.inventory().firewalls().stream()
                .filter(f -> isOrphan(f.labels()))
                .forEach(f -> all.add(new Suspect("firewall", f.id(), f.name(), f.uid())));
        return all;
    }

    /** Of a kind that we know: a newer version's objects are none of our business. */
    private boolean isOrphan(Map<String, String> labels) {
        return HasMetadata.getKind(PlainVm.class).equals(labels.get(Ownership.KIND))
                && fleet.plainVm(labels.getOrDefault(Ownership.UID, "")).isEmpty();
    }

    /** Only after a second look, by id: still there, still ours, still the same UID. */
    private void delete(ProviderConfig provider, CloudSession session, Suspect suspect) {
        try {
            var client = session.client();
            boolean server = suspect.what.equals("server");
            Optional<Map<String, String>> labels = server
                    ? client.getServer(Urgency.DRIFT, Purpose.LOOKUP, suspect.id)
                            .map(s -> s.labels())
                    : client.getFirewall(Urgency.DRIFT, Purpose.LOOKUP, suspect.id)
                            .map(f -> f.labels());
            if (labels.filter(l -> Ownership.isOf(l, session.installation(), suspect.uid))
                    .isPresent()) {
                if (server) {
                    session.inventory()
                            .recordServerDeleted(
                                    suspect.uid,
                                    suspect.id,
                                    client.deleteServer(Urgency.DRIFT, Purpose.DELETE, suspect.id));
                } else {
                    client.deleteFirewall(Urgency.DRIFT, Purpose.DELETE, suspect.id);
                    session.inventory().recordFirewallDeleted(suspect.uid, suspect.id);
                }
                events.warning(provider, "OrphanDeleted", "Delete", "deleted " + suspect + ": its owner is no more");
            }
        } catch (CloudException e) {
            session.heed(e); // the next sweep tries again
        }
    }
}
