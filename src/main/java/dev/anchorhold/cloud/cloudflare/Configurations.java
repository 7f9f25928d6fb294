package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.Watched;
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
final class Configurations {
    /** So many reads fit between two looks at all tunnels: with the usual interval one every five seconds. */
    private static final int READS_PER_LOOK = 4;

    private final TunnelCalls calls;
    private final Watched<String, Tunnel> tunnels;
    private final Shared shared;
    private final Instant began;
    private final Map<String, Row> rows = new HashMap<>();
    private final Map<String, Instant> tried = new HashMap<>();
    private final Set<String> soon = new LinkedHashSet<>();
    private Instant lastTried = Instant.MIN;

    /** {@code value} is empty if there was no such tunnel. */
    private record Row(Optional<Configuration> value, long number, Instant asOf) {}

    Configurations(TunnelCalls calls, Watched<String, Tunnel> tunnels, Shared shared) {
        this.calls = calls;
        this.tunnels = tunnels;
        this.shared = shared;
        this.began = shared.now();
        tunnels.whenGone(this::forget);
    }

    Sighting<Configuration> sight(String tunnelId) {
        var row = rows.get(tunnelId);
        if (row == null) return new Sighting.Unknown<>("the tunnel's configuration has not been read yet", began);
        return row.value
                .<Sighting<Configuration>>map(it -> new Sighting.Seen<>(it, row.asOf))
                .orElseGet(() -> new Sighting.Absent<>(row.asOf));
    }

    /** What a write of ours was answered. */
    void wrote(String uid, String tunnelId, Configuration now) {
        put(uid, tunnelId, Optional.of(now), shared.nextNumber(), shared.now());
    }

    /** To be read before its turn, also when it is known. */
    void lookAgain(String tunnelId) {
        soon.add(tunnelId);
    }

    /** Nobody knows what a write of ours did to it. */
    void doubt(String tunnelId) {
        rows.remove(tunnelId);
        lookAgain(tunnelId);
    }

    private void forget(String tunnelId) {
        rows.remove(tunnelId);
        tried.remove(tunnelId);
        soon.remove(tunnelId);
    }

    private void put(String uid, String tunnelId, Optional<Configuration> value, long number, Instant at) {
        var old = rows.get(tunnelId);
        if (old != null && old.number > number || tunnels.rows.goneSince(tunnelId, number)) return;
        rows.put(tunnelId, new Row(value, number, at));
        soon.remove(tunnelId);
        if (old == null || !old.value.equals(value)) shared.changed(uid);
    }

    Optional<Instant> due() {
        if (!soon.isEmpty()) return Optional.of(Instant.MIN);
        var paced = lastTried.equals(Instant.MIN)
                ? lastTried
                : lastTried.plus(shared.settings.feed().dividedBy(READS_PER_LOOK));
        return next().map(this::lastLook)
                .map(last -> last.plus(shared.settings.seldom()))
                .map(due -> due.isBefore(paced) ? paced : due);
    }

    /** The one whose last look lies furthest back. */
    private Optional<String> next() {
        return tunnels.ours().map(row -> row.value().id()).min(Comparator.comparing(this::lastLook));
    }

    private Instant lastLook(String tunnelId) {
        var read = Optional.ofNullable(rows.get(tunnelId)).map(Row::asOf).orElse(Instant.EPOCH);
        var failed = tried.getOrDefault(tunnelId, Instant.EPOCH);
        return read.isAfter(failed) ? read : failed;
    }

    /** Not under the lock: reads one. */
    void readNext() {
        boolean hurried = shared.locked(() -> !soon.isEmpty());
        var chosen = shared.locked(() -> soon.stream().findFirst().or(this::next));
        if (chosen.isEmpty()) return;
        var id = chosen.get();
        long number = shared.nextNumber();
        var at = shared.now();
        shared.locked(() -> {
            lastTried = at;
            tried.put(id, at); // one that cannot be read must not keep the others waiting
        });
        var urgency = hurried ? Urgency.PROVISIONING : Urgency.DRIFT;
        var found = calls.configuration(urgency, Purpose.REREAD, id);
        shared.locked(() -> put(uidOf(id), id, found, number, at));
    }

    private String uidOf(String tunnelId) {
        return tunnels.rows
                .row(tunnelId)
                .map(row -> tunnels.kind.uid().apply(row.value()))
                .orElse("");
    }
}
