package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.CloudInformer;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What tunnels are known to lead to. The cloud has no list of that: it is known from our own writes, and read one at a time, the one that was looked
 * at longest ago first, at a pace that does not grow with the number of tunnels. Guarded by the inventory's lock.
 */
final class TunnelConfigurationCache {
    /** So many reads fit between two looks at all tunnels: with the usual interval one every five seconds. */
    private static final int READS_PER_LOOK = 4;

    private final TunnelClient calls;
    private final CloudInformer<String, Tunnel> tunnels;
    private final InventoryContext context;
    private final Instant began;
    private final Map<String, Item> rows = new HashMap<>();
    private final Map<String, Instant> tried = new HashMap<>();
    private final Set<String> soon = new LinkedHashSet<>();
    private Instant lastTried = Instant.MIN;

    /** {@code value} is empty if there was no such tunnel. */
    private record Item(Optional<TunnelConfiguration> value, long number, Instant asOf) {}

    TunnelConfigurationCache(
            TunnelClient calls, CloudInformer<String, Tunnel> tunnels, InventoryContext inventoryContext) {
        this.calls = calls;
        this.tunnels = tunnels;
        this.context = inventoryContext;
        this.began = inventoryContext.now();
        tunnels.onGone(this::forget);
    }

    Sighting<TunnelConfiguration> sighting(String tunnelId) {
        var item = rows.get(tunnelId);
        if (item == null) return new Sighting.Unknown<>("the tunnel's configuration has not been read yet", began);
        return item.value
                .<Sighting<TunnelConfiguration>>map(it -> new Sighting.Seen<>(it, item.asOf))
                .orElseGet(() -> new Sighting.Absent<>(item.asOf));
    }

    /** What a write of ours was answered. */
    void recordWrite(String uid, String tunnelId, TunnelConfiguration now) {
        put(uid, tunnelId, Optional.of(now), context.nextSequence(), context.now());
    }

    /** To be read before its turn, also when it is known. */
    void requestReread(String tunnelId) {
        soon.add(tunnelId);
    }

    /** Nobody knows what a write of ours did to it. */
    void invalidate(String tunnelId) {
        rows.remove(tunnelId);
        requestReread(tunnelId);
    }

    private void forget(String tunnelId) {
        rows.remove(tunnelId);
        tried.remove(tunnelId);
        soon.remove(tunnelId);
    }

    private void put(String uid, String tunnelId, Optional<TunnelConfiguration> value, long number, Instant at) {
        var old = rows.get(tunnelId);
        if (old != null && old.number > number || tunnels.store.goneSince(tunnelId, number)) return;
        rows.put(tunnelId, new Item(value, number, at));
        soon.remove(tunnelId);
        if (old == null || !old.value.equals(value)) context.markChanged(uid);
    }

    Optional<Instant> due() {
        if (!soon.isEmpty()) return Optional.of(Instant.MIN);
        var paced = lastTried.equals(Instant.MIN)
                ? lastTried
                : lastTried.plus(context.settings.feedInterval().dividedBy(READS_PER_LOOK));
        return next().map(this::lastLook)
                .map(last -> last.plus(context.settings.slowInterval()))
                .map(due -> due.isBefore(paced) ? paced : due);
    }

    /** The one whose last look lies furthest back. */
    private Optional<String> next() {
        return tunnels.owned().map(item -> item.value().id()).min(Comparator.comparing(this::lastLook));
    }

    private Instant lastLook(String tunnelId) {
        var read = Optional.ofNullable(rows.get(tunnelId)).map(Item::asOf).orElse(Instant.EPOCH);
        var failed = tried.getOrDefault(tunnelId, Instant.EPOCH);
        return read.isAfter(failed) ? read : failed;
    }

    /** Not under the lock: reads one. */
    void readNext() {
        boolean hurried = context.locked(() -> !soon.isEmpty());
        var chosen = context.locked(() -> soon.stream().findFirst().or(this::next));
        if (chosen.isEmpty()) return;
        var id = chosen.get();
        long number = context.nextSequence();
        var at = context.now();
        context.locked(() -> {
            lastTried = at;
            tried.put(id, at); // one that cannot be read must not keep the others waiting
        });
        var urgency = hurried ? Urgency.PROVISIONING : Urgency.DRIFT;
        var found = calls.configuration(urgency, Purpose.REREAD, id);
        context.locked(() -> put(uidOf(id), id, found, number, at));
    }

    private String uidOf(String tunnelId) {
        return tunnels.store
                .item(tunnelId)
                .map(item -> tunnels.cloudResourceType.uid().apply(item.value()))
                .orElse("");
    }
}
