package dev.anchorhold.operator.providerconfig;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Gauges;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.RestoreWindow;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.providerconfig.OwnedResources.OrphanCandidate;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds orphans: cloud resources with our installation's mark and the UID of an object that no longer exists (F22).
 * Mark, wait, read again, report; deleting is off unless the ProviderConfig asks for it, and then a few at a time
 * (F23). Nothing is deleted while a restore may be under way, and no data volume but days after it was marked, where
 * the ProviderConfig asks for that as well (H09).
 */
final class OrphanSweep {
    static final Duration GRACE_PERIOD = Duration.ofMinutes(10);
    static final int MAX_DELETIONS = 3;
    private static final String ORPHANS = "anchorhold.orphans";

    /** As many as a person reads. All things of a lost cluster would not fit into a status. */
    private static final int LISTED = 20;

    private final Fleet fleet;
    private final EventRecorder eventRecorder;
    private final InstantSource clock;
    private final OrphanEndings endings;
    /** By ProviderConfig, of which no two reconciles run at the same time: none waits for another's cloud. */
    private final Map<String, Map<OrphanCandidate, Instant>> marked = new ConcurrentHashMap<>();

    private final MeterRegistry metrics;

    OrphanSweep(
            Fleet fleet,
            OrphanEndings endings,
            EventRecorder eventRecorder,
            InstantSource clock,
            MeterRegistry metrics) {
        this.fleet = fleet;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
        this.endings = endings;
        this.metrics = metrics;
    }

    /**
     * @param orphans those that are certain by now, in words
     * @param heldUntil nothing is deleted before, although the ProviderConfig asks for it
     */
    record Found(List<String> orphans, Optional<Instant> heldUntil) {
        /** The first of them, and how many there are. */
        String summary() {
            return "%d (%s)".formatted(orphans.size(), Printable.first(LISTED, orphans));
        }
    }

    private record Orphan(OwnedResources kind, OrphanCandidate candidate) {}

    /** The orphans that are certain by now; deletes some of them where that is wanted. */
    Found sweep(ProviderConfig provider, HetznerSession session, Optional<CloudflareSession> edge) {
        Set<String> awaited = fleet.adoptedUids();
        endings.update(session, awaited);
        Instant now = clock.instant();
        boolean delete = provider.getSpec().orphans() == Orphans.Delete;
        Optional<Instant> held = Optional.of(RestoreWindow.endOf(provider)).filter(at -> delete && at.isAfter(now));
        var orphans = orphans(session, edge, awaited);
        Set<String> restored = delete && held.isEmpty()
                ? uidsOfRestored(orphans.stream().map(Orphan::candidate).toList(), fleet.objects(), now)
                : Set.of();
        var mine = marked.computeIfAbsent(session.provider(), _ -> new HashMap<>());
        mine.keySet().retainAll(orphans.stream().map(Orphan::candidate).collect(Collectors.toSet()));
        List<String> certain = new ArrayList<>();
        int deletions = 0;
        for (var it : orphans) {
            var since = mine.computeIfAbsent(it.candidate, _ -> now);
            if (!since.plus(GRACE_PERIOD).isBefore(now)) {
                continue;
            }
            certain.add(it.candidate.toString());
            if (delete
                    && held.isEmpty()
                    && deletions < MAX_DELETIONS
                    && !restored.contains(it.candidate.uid())
                    && mayLoseItsData(provider, it.kind, it.candidate)) {
                deletions++;
                delete(provider, it.kind, it.candidate);
            }
        }
        Gauges.put(metrics, ORPHANS, Tags.of("provider", session.provider()), certain.size(), Integer::doubleValue);
        return new Found(certain, held);
    }

    /** The ProviderConfig is gone. */
    void forget(String provider) {
        marked.remove(provider);
        paused(provider);
    }

    /** No sweep is made for now: what the last one counted is not known to be true any more. */
    void paused(String provider) {
        Gauges.remove(metrics, ORPHANS, Tags.of("provider", provider));
    }

    /** In the order in which they can be deleted. */
    private List<Orphan> orphans(HetznerSession session, Optional<CloudflareSession> edge, Set<String> awaited) {
        List<Orphan> orphans = new ArrayList<>();
        for (var kind : OwnedResources.all(session, edge)) {
            for (var candidate : kind.list().get().toList()) {
                if (awaited.contains(candidate.uid())
                        || fleet.objectOf(candidate.uid()).isPresent()) {
                    unmark(kind, candidate);
                } else {
                    orphans.add(new Orphan(kind, candidate));
                }
            }
        }
        return orphans;
    }

    /**
     * The UIDs of orphans that an object that is new in this cluster may be about to take over: a thing of that UID bears
     * its name, and a person may have yet to say so. By UID, since a tunnel and a record have other names, and an object takes all
     * or nothing.
     */
    static Set<String> uidsOfRestored(
            List<OrphanCandidate> orphans, Stream<? extends HasMetadata> objects, Instant now) {
        Set<String> names = objects.filter(it -> RestoreWindow.isOpen(it, now))
                .map(it -> CloudIdentity.readablePart(it.getMetadata().getName()))
                .collect(Collectors.toSet());
        return orphans.stream()
                .filter(it -> it.isNamedAfterAnyOf(names))
                .map(OrphanCandidate::uid)
                .collect(Collectors.toSet());
    }

    /** What holds data is marked in the cloud itself, so that neither a restart nor a lost cluster shortens its days. */
    private boolean mayLoseItsData(ProviderConfig provider, OwnedResources kind, OrphanCandidate orphanCandidate) {
        if (kind.dataMark().isEmpty()) {
            return true;
        }
        Integer days = provider.getSpec().orphanVolumesAfterDays();
        if (days == null) {
            return false;
        }
        var since = kind.dataMark().get().since().apply(orphanCandidate);
        if (since.isEmpty()) {
            attempt(kind, () -> kind.dataMark().get().set().accept(orphanCandidate, Optional.of(clock.instant())));
        }
        return since.filter(at -> at.plus(Duration.ofDays(days)).isBefore(clock.instant()))
                .isPresent();
    }

    private void unmark(OwnedResources kind, OrphanCandidate owned) {
        kind.dataMark()
                .filter(mark -> mark.since().apply(owned).isPresent())
                .ifPresent(mark -> attempt(kind, () -> mark.set().accept(owned, Optional.empty())));
    }

    /** Only after a second read, by id: still there, still ours, still the same UID. */
    private void delete(ProviderConfig provider, OwnedResources kind, OrphanCandidate orphanCandidate) {
        attempt(kind, () -> {
            if (kind.readOwner()
                    .apply(orphanCandidate)
                    .filter(orphanCandidate.uid()::equals)
                    .isPresent()) {
                kind.delete().accept(orphanCandidate);
                eventRecorder.warning(
                        provider, "OrphanDeleted", "Delete", "deleted " + orphanCandidate + ": its owner is no more");
            }
        });
    }

    private static void attempt(OwnedResources kind, Runnable calls) {
        try {
            calls.run();
        } catch (CloudException e) {
            kind.onError().accept(e); // the next sweep tries again
        }
    }
}
