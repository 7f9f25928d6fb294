package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.CommitLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A stored resource of the simulated Cloudflare. Plain mutable data, changed only under the state's lock; Jackson
 * writes its fields to the commit log as they are, so a renamed field is lost from old files.
 */
abstract sealed class CloudflareRow implements CommitLog.StoredRow {
    /** The order in which rows were created. */
    long number;

    String id;
    Instant created;
    /** From when on lists show it; see {@link CloudflareKnobs#listLag}. */
    transient Instant listedFrom = Instant.MIN;

    @Override
    public long number() {
        return number;
    }

    static final class Tunnel extends CloudflareRow {
        String account;
        String name;
        /** Base64 of at least 32 bytes. */
        String secret;
        /** {@code cloudflare} or {@code local}. */
        String configSource;

        Instant deleted;
        Instant activeAt;
        Instant inactiveAt;
        /** JSON; null before the first PUT. */
        String config;

        long configVersion;
        Instant configured;
        /** The open ones and those that linger; none when the simulator starts. */
        transient List<ConnectorConnection> connections = new ArrayList<>();

        String status() {
            long open =
                    connections.stream().filter(it -> it.pendingSince == null).count();
            if (open == 0) return activeAt == null ? "inactive" : "down";
            return open < 4 ? "degraded" : "healthy";
        }
    }

    static final class Record extends CloudflareRow {
        String zone;
        String type;
        String name;
        String content;
        /** The parts of a type that has some; the content is derived from them. */
        Map<String, Object> data;

        boolean proxied;
        int ttl = 1;
        Integer priority;
        String comment;
        List<String> tags = new ArrayList<>();
        Instant modified;

        Record copy() {
            var copy = new Record();
            copy.number = number;
            copy.id = id;
            copy.created = created;
            copy.listedFrom = listedFrom;
            copy.zone = zone;
            copy.type = type;
            copy.name = name;
            copy.content = content;
            copy.data = data;
            copy.proxied = proxied;
            copy.ttl = ttl;
            copy.priority = priority;
            copy.comment = comment;
            copy.tags = new ArrayList<>(tags);
            copy.modified = modified;
            return copy;
        }
    }
}
