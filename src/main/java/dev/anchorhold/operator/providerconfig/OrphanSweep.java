package dev.anchorhold.operator.providerconfig;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.CloudflareSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.providerconfig.Belongings.Suspect;
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
 * Looks for what bears our installation's mark and the UID of an object that is no more (F22). Mark, wait, read again, report; deleting is off
 * unless the ProviderConfig asks for it, and then a few at a time (F23).
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

    /** The orphans that are certain by now, in words; deletes some of them where that is wanted. */
    synchronized List<String> sweep(ProviderConfig provider, CloudSession session, Optional<CloudflareSession> edge) {
        var mine = marked.computeIfAbsent(session.provider(), _ -> new HashMap<>());
        Set<Suspect> seen = new HashSet<>();
        List<String> certain = new ArrayList<>();
        boolean delete = provider.getSpec().orphans() == Orphans.Delete;
        for (var kind : Belongings.in(session, edge)) {
            for (var suspect : kind.known().get().filter(this::hasNoOwner).toList()) {
                seen.add(suspect);
                var since = mine.computeIfAbsent(suspect, _ -> clock.instant());
                if (!since.plus(WAIT).isBefore(clock.instant())) {
                    continue;
                }
                certain.add(suspect.toString());
                if (delete && certain.size() <= AT_A_TIME) {
                    delete(provider, kind, suspect);
                }
            }
        }
        mine.keySet().retainAll(seen);
        return certain;
    }

    private boolean hasNoOwner(Suspect suspect) {
        return fleet.owner(suspect.uid()).isEmpty();
    }

    /** Only after a second look, by id: still there, still ours, still the same UID. */
    private void delete(ProviderConfig provider, Belongings kind, Suspect suspect) {
        try {
            if (kind.lookAgain().apply(suspect).filter(suspect.uid()::equals).isPresent()) {
                kind.delete().accept(suspect);
                events.warning(provider, "OrphanDeleted", "Delete", "deleted " + suspect + ": its owner is no more");
            }
        } catch (CloudException e) {
            kind.heed().accept(e); // the next sweep tries again
        }
    }
}
