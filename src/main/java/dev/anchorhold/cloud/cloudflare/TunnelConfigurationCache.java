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
 * Cache of the tunnels' configurations. The cloud has no list of them: they are known from our own writes, and read one
 * at a time, the one read longest ago first, at a rate that does not grow with the number of tunnels. Guarded by the
 * inventory's lock.
 */
final class TunnelConfigurationCache {
    /** So many reads fit between two lists of all tunnels: with the usual interval one every five seconds. */
    private static final int READS_PER_POLL = 4;

    private final TunnelClient calls;
    private final CloudInformer<String, Tunnel> tunnels;
    private final InventoryContext context;
    private final Instant began;
    private final Map<String, Item> rows = new HashMap<>();
    private final Map<String, Instant> attempts = new HashMap<>();
    private final Set<String> rereads = new LinkedHashSet<>();
    private Instant lastRead = Instant.MIN;

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
        rereads.add(tunnelId);
    }

    /** Nobody knows what a write of ours did to it. */
    void invalidate(String tunnelId) {
        rows.remove(tunnelId);
        requestReread(tunnelId);
    }

    private void forget(String tunnelId) {
        rows.remove(tunnelId);
        attempts.remove(tunnelId);
        rereads.remove(tunnelId);
    }

    private void put(String uid, String tunnelId, Optional<TunnelConfiguration> value, long number, Instant at) {
        var old = rows.get(tunnelId);
        if (old != null && old.number > number || tunnels.store.goneSince(tunnelId, number)) return;
        rows.put(tunnelId, new Item(value, number, at));
        rereads.remove(tunnelId);
        if (old == null || !old.value.equals(value)) context.markChanged(uid);
    }

    Optional<Instant> due() {
        if (!rereads.isEmpty()) return Optional.of(Instant.MIN);
        var earliest = lastRead.equals(Instant.MIN)
                ? lastRead
                : lastRead.plus(context.settings.feedInterval().dividedBy(READS_PER_POLL));
        return next().map(this::lastAttempt)
                .map(last -> last.plus(context.settings.slowInterval()))
                .map(due -> due.isBefore(earliest) ? earliest : due);
    }

    /** The one whose last attempt to read lies furthest back. */
    private Optional<String> next() {
        return tunnels.owned().map(item -> item.value().id()).min(Comparator.comparing(this::lastAttempt));
    }

    private Instant lastAttempt(String tunnelId) {
        var read = Optional.ofNullable(rows.get(tunnelId)).map(Item::asOf).orElse(Instant.EPOCH);
        var failed = attempts.getOrDefault(tunnelId, Instant.EPOCH);
        return read.isAfter(failed) ? read : failed;
    }

    /** Not under the lock: reads one. */
    void readNext() {
        boolean urgentReread = context.locked(() -> !rereads.isEmpty());
        var chosen = context.locked(() -> rereads.stream().findFirst().or(this::next));
        if (chosen.isEmpty()) return;
        var id = chosen.get();
        long number = context.nextSequence();
        var at = context.now();
        context.locked(() -> {
            lastRead = at;
            attempts.put(id, at); // one that cannot be read must not keep the others waiting
        });
        var urgency = urgentReread ? Urgency.PROVISIONING : Urgency.DRIFT;
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
