package dev.anchorhold.cloud.cloudflare;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * A tunnel as the cloud describes it (providers.md B.1).
 *
 * @param configSrc {@code cloudflare}, or {@code local} for one that ignores the configuration kept in the cloud
 * @param connsActiveAt since when it has had a connection, null if it has none
 * @param deletedAt when it was deleted; the cloud goes on telling of it
 */
public record Tunnel(
        String id,
        String name,
        Status status,
        String configSrc,
        Instant createdAt,
        Instant connsActiveAt,
        Instant deletedAt) {

    public Tunnel {
        CloudflareJson.requireId(id);
        name = name == null ? "" : name;
        status = status == null ? Status.UNKNOWN : status;
        configSrc = configSrc == null ? "" : configSrc;
    }

    public enum Status {
        /** No connector was ever there. */
        @JsonProperty("inactive")
        INACTIVE,
        /** It serves, over fewer connections than usual. */
        @JsonProperty("degraded")
        DEGRADED,
        @JsonProperty("healthy")
        HEALTHY,
        /** There was a connector, and is none now. */
        @JsonProperty("down")
        DOWN,
        /** Every word that the cloud may add later. */
        @JsonEnumDefaultValue
        @JsonProperty("unknown")
        UNKNOWN
    }

    /** Whether requests reach a connector. */
    public boolean serves() {
        return status == Status.HEALTHY || status == Status.DEGRADED;
    }

    /** The same tunnel once it is renamed. */
    public Tunnel withName(String another) {
        return new Tunnel(id, another, status, configSrc, createdAt, connsActiveAt, deletedAt);
    }

    public boolean deleted() {
        return deletedAt != null;
    }
}
