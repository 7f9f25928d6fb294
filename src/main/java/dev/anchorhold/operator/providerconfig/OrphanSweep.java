package dev.anchorhold.operator.providerconfig;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.providerconfig.OwnedResources.OrphanCandidate;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds orphans: cloud resources with our installation's mark and the UID of an object that no longer exists (F22).
 * Mark, wait, read again, report; deleting is off unless the ProviderConfig asks for it, and then a few at a time
 * (F23).
 */
final class OrphanSweep {
    static final Duration GRACE_PERIOD = Duration.ofMinutes(10);
    static final int MAX_DELETIONS = 3;

    private final Fleet fleet;
    private final EventRecorder eventRecorder;
    private final InstantSource clock;
    private final Map<String, Map<OrphanCandidate, Instant>> marked = new HashMap<>();

    OrphanSweep(Fleet fleet, EventRecorder eventRecorder, InstantSource clock) {
        this.fleet = fleet;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
    }

    /** The orphans that are certain by now, in words; deletes some of them where that is wanted. */
    synchronized List<String> sweep(ProviderConfig provider, HetznerSession session, Optional<CloudflareSession> edge) {
        var mine = marked.computeIfAbsent(session.provider(), _ -> new HashMap<>());
        Set<OrphanCandidate> seen = new HashSet<>();
        List<String> certain = new ArrayList<>();
        boolean delete = provider.getSpec().orphans() == Orphans.Delete;
        for (var kind : OwnedResources.all(session, edge)) {
            for (var orphanCandidate :
                    kind.list().get().filter(this::hasNoOwner).toList()) {
                seen.add(orphanCandidate);
                var since = mine.computeIfAbsent(orphanCandidate, _ -> clock.instant());
                if (!since.plus(GRACE_PERIOD).isBefore(clock.instant())) {
                    continue;
                }
                certain.add(orphanCandidate.toString());
                if (delete && certain.size() <= MAX_DELETIONS) {
                    delete(provider, kind, orphanCandidate);
                }
            }
        }
        mine.keySet().retainAll(seen);
        return certain;
    }

    private boolean hasNoOwner(OrphanCandidate orphanCandidate) {
        return fleet.objectOf(orphanCandidate.uid()).isEmpty();
    }

    /** Only after a second read, by id: still there, still ours, still the same UID. */
    private void delete(ProviderConfig provider, OwnedResources kind, OrphanCandidate orphanCandidate) {
        try {
            if (kind.readOwner()
                    .apply(orphanCandidate)
                    .filter(orphanCandidate.uid()::equals)
                    .isPresent()) {
                kind.delete().accept(orphanCandidate);
                eventRecorder.warning(
                        provider, "OrphanDeleted", "Delete", "deleted " + orphanCandidate + ": its owner is no more");
            }
        } catch (CloudException e) {
            kind.onError().accept(e); // the next sweep tries again
        }
    }
}
